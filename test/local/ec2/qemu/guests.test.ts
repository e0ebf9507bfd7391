/**
 * What a whole guest finds around it, and what finds it: its ports, its metadata, its data volume. The guest is
 * test/guest/service.c, started with `talk`, in the image that `tandem build` makes of it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LiveClock } from '../../../../local/kernel/clock-live.ts';
import { built } from '../../../scenarios/machines/images.ts';
import { setStage } from '../../elbv2/stage.ts';
import { freePort } from '../../elbv2/sockets.ts';
import { openMachines } from './account.ts';
import { Talk } from './talk.ts';

const PORT = 9000;
const ARN = 'arn:aws:iam::123456789012:instance-profile/nodes';
const profiles = { find: (profile: string) => (profile === ARN ? { arn: ARN, role: 'node-role' } : undefined) };
/** Seconds of the processor for a boot; minutes, where three others want it. */
const LONG = { timeout: 300_000 };

let account: Awaited<ReturnType<typeof openMachines>>;
let folder: string;
let ImageId: string;
let groups: readonly string[];
let first: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guests-'));
  account = await openMachines({ profiles });
  const { unikernel } = await built(folder, 'talk', ['talk', String(PORT)], { dataVolume: true });
  ImageId = await account.imageOf(unikernel);
  groups = [await account.groupOf('udp', PORT), await account.groupOf('tcp', PORT)];
  first = await boot({
    IamInstanceProfile: { Arn: ARN },
    MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled' },
    UserData: Buffer.from('{"answer":42}').toString('base64'),
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'color', Value: 'green' }] }],
  });
}, 400_000);
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
  await account.close();
  await rm(folder, { recursive: true, force: true });
});

/** With a blank data volume, unless it is of a snapshot. Until it hears. */
async function boot(over: object, volume: object = { VolumeSize: 1 }): Promise<string> {
  const BlockDeviceMappings = [{ DeviceName: '/dev/sdf', Ebs: { ...volume, DeleteOnTermination: true } }];
  const [id = ''] = await account.run(ImageId, 1, { SecurityGroupIds: groups, BlockDeviceMappings, ...over });
  const hears = async () => expect(await account.consoleOf(id)).toContain(`hearing on ${PORT}`);
  await vi.waitFor(hears, { timeout: 280_000, interval: 250 });
  return id;
}

async function talkTo(id: string): Promise<Talk> {
  const talk = new Talk((await account.look(id)).PrivateIpAddress, PORT);
  closing.push(() => talk.close());
  return talk;
}

describe('a UDP port that is let in', () => {
  it('is the guest’s: datagrams reach it, and its answers their senders', LONG, async () => {
    const [one, other] = [await talkTo(first), await talkTo(first)];
    expect(await Promise.all([one.ask('are you there?'), other.ask('and me?')])).toEqual(['are you there?', 'and me?']);
    expect(await one.ask('x'.repeat(1200))).toBe('x'.repeat(1200));
  });

  it('is reached through a network load balancer', LONG, async () => {
    const port = await freePort();
    const time = new LiveClock({ speed: 100, onError: (label, error) => console.error(label, error) });
    const stage = await setStage({
      ...{ time, network: false, balancer: { Type: 'network' }, group: { Protocol: 'UDP', Port: PORT } },
      listener: { Port: port, Protocol: 'UDP' },
      defaultActions: (blue) => [{ Type: 'forward', TargetGroupArn: blue }],
    });
    await stage.elb.start!();
    closing.push(
      () => time.stop(),
      () => stage.elb.stop!(),
    );
    stage.launch(first, (await account.look(first)).PrivateIpAddress);
    stage.run('RegisterTargets', { TargetGroupArn: stage.blue, Targets: [{ Id: first }] });
    await vi.waitFor(() => expect(stage.health(stage.blue)).toEqual(['healthy']), { timeout: 60_000 });
    const talk = new Talk('127.0.1.1', port);
    closing.push(() => talk.close());
    expect(await talk.ask('through it')).toBe('through it');
  });
});

const TTL = 'X-aws-ec2-metadata-token-ttl-seconds: 60';

/** Instance metadata, asked by the guest: status and body. */
async function metadataOf(id: string) {
  const talk = await talkTo(id);
  const ask = async (line: string, header = '', version = '1.1'): Promise<readonly [number, string]> => {
    const answer = await talk.ask(`${line} HTTP/${version}\r\nHost: 169.254.169.254\r\n${header}\r\n\r\n`);
    const [head = '', ...body] = answer.split('\r\n\r\n');
    return [Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), body.join('\r\n\r\n')];
  };
  const [, token] = await ask('PUT /latest/api/token', TTL);
  const get = (path: string, version?: string) => ask(`GET ${path}`, `X-aws-ec2-metadata-token: ${token}`, version);
  return { ask, get };
}

describe('instance metadata in the guest', () => {
  it('is refused without a token, and given for one', LONG, async () => {
    const { ask, get } = await metadataOf(first);
    expect((await ask('GET /latest/meta-data/instance-id', 'Accept: */*'))[0]).toBe(401);
    expect((await ask('PUT /latest/api/token', 'Accept: */*'))[0]).toBe(400);
    expect(await get('/latest/meta-data/instance-id')).toEqual([200, first]);
    expect(await get('/latest/meta-data/ami-id')).toEqual([200, ImageId]);
    expect(await get('/latest/meta-data/tags/instance/color')).toEqual([200, 'green']);
    expect(await get('/latest/user-data')).toEqual([200, '{"answer":42}']);
  });

  it('has an end also for who reads until there is one', LONG, async () => {
    const { get } = await metadataOf(first);
    expect(await get('/latest/meta-data/instance-id', '1.0')).toEqual([200, first]);
  });

  it('has credentials of the role of its profile', LONG, async () => {
    const { get } = await metadataOf(first);
    expect(await get('/latest/meta-data/iam/security-credentials/')).toEqual([200, 'node-role']);
    const [status, text] = await get('/latest/meta-data/iam/security-credentials/node-role');
    expect([status, JSON.parse(text)]).toMatchObject([200, { Code: 'Success', Type: 'AWS-HMAC' }]);
  });
});

describe('a data volume that is attached at launch', () => {
  it('gets a file system and what the guest writes; one made of its snapshot has both', LONG, async () => {
    expect(await account.consoleOf(first)).toContain('data: written, new');
    const { BlockDeviceMappings } = await account.look(first);
    const volume = BlockDeviceMappings.find(({ DeviceName }) => DeviceName === '/dev/sdf');
    const { SnapshotId } = await account.api<{ SnapshotId: string }>('CreateSnapshot', { VolumeId: volume?.Ebs.VolumeId });
    await vi.waitFor(() => expect(account.ebs.snapshots.find(SnapshotId)?.state).toBe('completed'), { timeout: 120_000 });
    const second = await boot({}, { SnapshotId });
    expect(await account.consoleOf(second)).toContain('data: written, there before');
    // It has no profile.
    const { get } = await metadataOf(second);
    expect(await get('/latest/meta-data/instance-id')).toEqual([200, second]);
    expect((await get('/latest/meta-data/iam/security-credentials/'))[0]).toBe(404);
  });
});
