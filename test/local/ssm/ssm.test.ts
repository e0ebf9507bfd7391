import {
  GetParameterCommand,
  GetParametersCommand,
  paginateGetParametersByPath,
  ParameterNotFound,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterEach, expect, it } from 'vitest';
import { createSsm } from '../../../local/services/ssm/ssm.ts';
import { listen, testWorld } from '../gateway/harness.ts';

let close: () => Promise<void> = () => Promise.resolve();
afterEach(() => close());

const declared = (Name: string, Value: string, more: Record<string, unknown> = {}) => ({
  stack: 's',
  logicalId: 'Facts',
  type: 'AWS::SSM::Parameter',
  path: 's/Facts',
  properties: { Name, Value, Type: 'String', ...more },
});

async function start(...resources: ReturnType<typeof declared>[]) {
  const world = testWorld();
  const ssm = createSsm(world);
  for (const resource of resources) await ssm.resources['AWS::SSM::Parameter']!(resource);
  const gateway = await listen([ssm]);
  close = gateway.close;
  return { ssm, client: new SSMClient(gateway.config) };
}

it('answers a declared parameter by name, version and ARN', async () => {
  const { client } = await start(declared('/tandem/services/web', '{"a":1}'));
  const { Parameter } = await client.send(new GetParameterCommand({ Name: '/tandem/services/web' }));
  const ARN = 'arn:aws:ssm:eu-central-1:123456789012:parameter/tandem/services/web';
  expect(Parameter).toEqual({
    Name: '/tandem/services/web',
    Type: 'String',
    Value: '{"a":1}',
    Version: 1,
    ARN,
    DataType: 'text',
    LastModifiedDate: new Date('2030-01-01'),
  });
  expect((await client.send(new GetParameterCommand({ Name: ARN }))).Parameter?.Value).toBe('{"a":1}');
  expect((await client.send(new GetParameterCommand({ Name: '/tandem/services/web:1' }))).Parameter?.Selector).toBe(':1');
  await expect(client.send(new GetParameterCommand({ Name: '/tandem/services/web:2' }))).rejects.toBeInstanceOf(
    ParameterNotFound,
  );
  await expect(client.send(new GetParameterCommand({ Name: '/none' }))).rejects.toBeInstanceOf(ParameterNotFound);
});

it('tells found names from unknown ones', async () => {
  const { client } = await start(declared('a', '1'));
  const answer = await client.send(new GetParametersCommand({ Names: ['a', 'b'] }));
  expect(answer.Parameters?.map((one) => one.Value)).toEqual(['1']);
  expect(answer.InvalidParameters).toEqual(['b']);
});

it('pages through a path, one level or all below it', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `/svc/s${String(i).padStart(2, '0')}`);
  const { client } = await start(
    ...names.map((name) => declared(name, 'x')),
    declared('/svc/deep/er', 'x'),
    declared('/svcother', 'x'),
  );
  const all = async (Path: string, Recursive: boolean) => {
    const found: string[] = [];
    let pages = 0;
    for await (const page of paginateGetParametersByPath({ client, pageSize: 5 }, { Path, Recursive })) {
      pages += 1;
      found.push(...(page.Parameters ?? []).map((one) => one.Name ?? ''));
    }
    return { found, pages };
  };
  expect(await all('/svc', false)).toEqual({ found: names, pages: 3 });
  expect((await all('/svc/', true)).found).toEqual(['/svc/deep/er', ...names]);
  await expect(all('svc', false)).rejects.toMatchObject({ name: 'ValidationException' });
});

it('refuses values AWS would refuse, and secrets', async () => {
  await expect(start(declared('a', 'x'.repeat(4097)))).rejects.toThrow('Value has 4097 bytes; tier Standard takes 4096');
  await start(declared('a', 'x'.repeat(4097), { Tier: 'Advanced' }));
  await close();
  await expect(start(declared('a', 'x', { Type: 'SecureString' }))).rejects.toThrow('Type must be String or StringList');
  await expect(start(declared('a', 'x', { Policies: '[]' }))).rejects.toThrow('does not have Policies');
});
