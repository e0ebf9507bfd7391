import type { DescribeStateMachineOutput, ListExecutionsOutput } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { Account, jsonata } from './world.ts';

const CHILD = 'arn:aws:states:eu-central-1:123456789012:stateMachine:child';
const saying = (Output: string) => jsonata({ Say: { Type: 'Pass', Output, End: true } });

function publish(account: Account, properties: Record<string, unknown> = {}): string {
  const type = 'AWS::StepFunctions::StateMachineVersion';
  const all = { StateMachineArn: CHILD, ...properties };
  const make = account.states.service.resources[type]!;
  return (make({ stack: 's', logicalId: 'Version', type, path: 's/Version', properties: all }) as { ref: string }).ref;
}

/** What a child of that ARN says to a parent that waits for it. */
async function said(account: Account, StateMachineArn: string): Promise<unknown> {
  const Output = '{% $states.result.Output %}';
  const Resource = 'arn:aws:states:::states:startExecution.sync:2';
  const parent = account.declare(
    jsonata({ Run: { Type: 'Task', Resource, Arguments: { StateMachineArn }, Output, End: true } }),
    'parent',
  );
  return (await account.finish(account.states.machines.start(parent, '{}'))).output;
}

describe('a version of a state machine', () => {
  it('stays as it was when its machine is declared anew', async () => {
    const account = new Account();
    account.declare(saying('old'), 'child');
    const first = publish(account);
    account.declare(saying('new'), 'child');
    const second = publish(account);
    expect([first, second]).toEqual([`${CHILD}:1`, `${CHILD}:2`]);
    expect(await said(account, first)).toBe('old');
    expect(await said(account, second)).toBe('new');
    expect(await said(account, CHILD)).toBe('new');
  });

  it('is the same for the same definition', () => {
    const account = new Account();
    account.declare(saying('old'), 'child');
    const first = publish(account, { StateMachineRevisionId: 'INITIAL' });
    account.declare(saying('old'), 'child');
    expect(publish(account)).toBe(first);
  });

  it('is refused for a revision the machine is not at', () => {
    const account = new Account();
    account.declare(saying('old'), 'child');
    expect(() => publish(account, { StateMachineRevisionId: 'another' })).toThrow(/is INITIAL, not another/);
  });

  it('is described by its ARN and lists its own executions, which tell both', () => {
    const account = new Account();
    account.declare(saying('old'), 'child');
    const version = publish(account);
    account.declare(saying('new'), 'child');
    const described = account.call('DescribeStateMachine', { stateMachineArn: version }) as DescribeStateMachineOutput;
    expect(described).toMatchObject({ stateMachineArn: version, name: 'child', definition: JSON.stringify(saying('old')) });

    const run = account.states.machines.start(version, '{}', 'by-version');
    account.states.machines.start(CHILD, '{}', 'by-machine');
    expect(account.describe(run)).toMatchObject({ stateMachineArn: CHILD, stateMachineVersionArn: version });
    const names = (stateMachineArn: string) =>
      (account.call('ListExecutions', { stateMachineArn }) as ListExecutionsOutput).executions?.map(({ name }) => name);
    expect(names(version)).toEqual(['by-version']);
    expect(names(CHILD)).toEqual(['by-machine', 'by-version']);
  });

  it('that nobody published does not exist', () => {
    const account = new Account();
    account.declare(saying('old'), 'child');
    expect(() => account.states.machines.start(`${CHILD}:7`, '{}')).toThrow(/State Machine Does Not Exist/);
  });
});
