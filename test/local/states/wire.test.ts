import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gateway } from '../../../local/gateway/gateway.ts';
import { createGatewayServer } from '../../../local/gateway/server.ts';
import { Account, jsonata, START } from './world.ts';

let account: Account;
let server: ReturnType<typeof createGatewayServer>;
let client: SFNClient;

beforeEach(async () => {
  account = new Account();
  server = createGatewayServer(new Gateway(account.world, [account.states.service]), () => account.clock.now());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new SFNClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
});

afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

describe('the AWS SDK’s own client', () => {
  it('starts, stops and describes executions and reads their history', async () => {
    const stateMachineArn = account.declare(
      jsonata({ Hold: { Type: 'Wait', Seconds: 60, Next: 'Set' }, Set: { Type: 'Pass', Assign: { a: 1 }, End: true } }),
    );
    const started = await client.send(new StartExecutionCommand({ stateMachineArn, name: 'one', input: '{"n":1}' }));
    expect(started.startDate).toEqual(new Date(START));
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, name: 'two' }));
    await account.clock.advanceBy(10_000);
    expect((await client.send(new StopExecutionCommand({ executionArn, error: 'Enough' }))).stopDate).toEqual(
      new Date(START + 10_000),
    );
    await account.clock.advanceBy(60_000);
    expect(await client.send(new DescribeExecutionCommand({ executionArn: started.executionArn }))).toMatchObject({
      status: 'SUCCEEDED',
      input: '{"n":1}',
      output: '{"n":1}',
      stopDate: new Date(START + 60_000),
    });
    const events: HistoryEvent[] = [];
    for await (const page of paginateGetExecutionHistory({ client, pageSize: 2 }, { executionArn: started.executionArn })) {
      events.push(...(page.events ?? []));
    }
    expect(events.map(({ id, type }) => [id, type])).toEqual([
      [1, 'ExecutionStarted'],
      [2, 'WaitStateEntered'],
      [3, 'WaitStateExited'],
      [4, 'PassStateEntered'],
      [5, 'PassStateExited'],
      [6, 'ExecutionSucceeded'],
    ]);
    expect(events[4]?.stateExitedEventDetails).toMatchObject({ assignedVariables: { a: '1' } });
    expect(await client.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({
      name: 'machine',
      status: 'ACTIVE',
    });
  });

  it('sees refusals as the errors it has classes for', async () => {
    const executionArn = 'arn:aws:states:eu-central-1:123456789012:execution:machine:gone';
    await expect(client.send(new DescribeExecutionCommand({ executionArn }))).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
    });
    const stateMachineArn = account.declare(jsonata({ End: { Type: 'Succeed' } }));
    await expect(client.send(new StartExecutionCommand({ stateMachineArn, name: 'a b' }))).rejects.toMatchObject({
      name: 'InvalidName',
    });
  });
});
