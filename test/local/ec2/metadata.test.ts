/** The metadata service, asked over its socket as a guest asks it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testAccount } from './account.ts';
import { scriptedDriver } from './scripted-machines.ts';
import type { Scripted } from './scripted-machines.ts';

const ARN = 'arn:aws:iam::123456789012:instance-profile/nodes/linux-nodes';
const profiles = { find: (profile: string) => (profile === ARN ? { arn: ARN, role: 'linux-nodes-role' } : undefined) };

let machines: Scripted[];
let account: Awaited<ReturnType<typeof testAccount>>;
let ImageId: string;
beforeEach(async () => {
  const scripted = scriptedDriver();
  machines = scripted.machines;
  account = await testAccount({ drivers: () => [scripted.driver], profiles });
  ImageId = await account.imageOf({ run: '' });
});
afterEach(() => machines.forEach((machine) => machine.off()));

const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';

async function open(over: object = {}) {
  await account.run(ImageId, over);
  await account.world.time.advanceBy(10);
  const { host, port } = await machines.at(-1)!.guest.metadata!.endpoint();
  const ask = (path: string, init: RequestInit = {}) => fetch(`http://${host}:${port}${path}`, init);
  const token = async (seconds = 60) =>
    (await ask('/latest/api/token', { method: 'PUT', headers: { [TTL]: String(seconds) } })).text();
  const get = async (path: string, given?: string) => {
    const answer = await ask(path, { headers: { 'x-aws-ec2-metadata-token': given ?? (await token()) } });
    return answer.ok ? answer.text() : answer.status;
  };
  return { ask, token, get };
}

describe('instance metadata', () => {
  it('is given for a token only, where tokens are required', async () => {
    const { ask, get } = await open();
    expect((await ask('/latest/meta-data/instance-id')).status).toBe(401);
    expect(await get('/latest/meta-data/instance-id', 'bm9uc2Vuc2U')).toBe(401);
    expect(await get('/latest/meta-data/instance-id')).toBe(machines[0]!.guest.instanceId);
  });

  it('is given without a token where that is allowed, and a wrong token is still wrong', async () => {
    const { ask, get } = await open({ MetadataOptions: { HttpTokens: 'optional' } });
    expect((await ask('/latest/meta-data/ami-id')).status).toBe(200);
    expect(await get('/latest/meta-data/ami-id', 'bm9uc2Vuc2U')).toBe(401);
  });

  it('is nowhere where it is turned off', async () => {
    const { ask } = await open({ MetadataOptions: { HttpEndpoint: 'disabled' } });
    expect((await ask('/latest/api/token', { method: 'PUT', headers: { [TTL]: '60' } })).status).toBe(403);
  });

  it('tokens end, and are of one instance', async () => {
    const first = await open();
    const token = await first.token(60);
    await account.world.time.advanceBy(59_000);
    expect(await first.get('/latest/meta-data/ami-id', token)).toBe(ImageId);
    const second = await open();
    expect(await second.get('/latest/meta-data/ami-id', token)).toBe(401);
    await account.world.time.advanceBy(1_000);
    expect(await first.get('/latest/meta-data/ami-id', token)).toBe(401);
  });

  it.each([
    ['without a time to live', {}, 400],
    ['for more than six hours', { [TTL]: '21601' }, 400],
    ['through a proxy', { [TTL]: '60', 'x-forwarded-for': '10.0.0.1' }, 403],
  ])('no token is given %s', async (_what, headers, status) => {
    const { ask } = await open();
    expect((await ask('/latest/api/token', { method: 'PUT', headers })).status).toBe(status);
  });

  it('lists what there is, a level at a time', async () => {
    const { get } = await open();
    expect(await get('/latest/meta-data/placement/')).toBe('availability-zone\nregion');
    expect(String(await get('/latest/meta-data/')).split('\n')).toEqual(
      expect.arrayContaining(['ami-id', 'instance-id', 'placement/']),
    );
    expect(await get('/latest/meta-data/placement/region')).toBe('eu-central-1');
    expect(await get('/latest/meta-data/nothing-such')).toBe(404);
  });

  it('has the user data as it was given, or none', async () => {
    const { get } = await open({ UserData: Buffer.from('{"tandem":1}').toString('base64') });
    expect(await get('/latest/user-data')).toBe('{"tandem":1}');
    expect(await (await open()).get('/latest/user-data')).toBe(404);
  });

  it('has credentials only with a profile, and then working ones of its role', async () => {
    expect(await (await open()).get('/latest/meta-data/iam/security-credentials/')).toBe(404);
    const { get } = await open({ IamInstanceProfile: { Arn: ARN } });
    expect(await get('/latest/meta-data/iam/security-credentials/')).toBe('linux-nodes-role');
    const credentials = JSON.parse(String(await get('/latest/meta-data/iam/security-credentials/linux-nodes-role'))) as Record<
      string,
      string
    >;
    expect(credentials).toMatchObject({ Code: 'Success', AccessKeyId: expect.stringMatching(/^ASIA/) as string });
    expect(Date.parse(credentials['Expiration']!)).toBeGreaterThan(account.world.time.now());
    expect(await get('/latest/meta-data/iam/info')).toContain(ARN);
  });

  it('shows tags where that was asked for', async () => {
    expect(await (await open()).get('/latest/meta-data/tags/instance/from')).toBe(404);
    const { get } = await open({ MetadataOptions: { InstanceMetadataTags: 'enabled' } });
    expect(await get('/latest/meta-data/tags/instance/from')).toBe('template');
  });

  it('says where the local account answers a guest', async () => {
    expect(await (await open()).get('/latest/meta-data/services/endpoint')).toBe('http://169.254.0.2:4566');
  });

  it('ends with its machine', async () => {
    const { ask } = await open();
    machines[0]!.off();
    await new Promise(setImmediate);
    await expect(ask('/latest/meta-data/')).rejects.toThrow();
  });
});
