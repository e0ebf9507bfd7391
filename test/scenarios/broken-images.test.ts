/**
 * Images that do not work, each released as a user would: the whole app, the runtime as a process of its own, real machines.
 * Ten account seconds pass in one of ours; boots take as long as they take.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openAccount } from '../../demo/account.ts';
import type { Account } from '../../demo/account.ts';
import { followRelease } from '../../demo/follow.ts';
import type { Followed } from '../../demo/follow.ts';
import { whatIsLeft } from '../../demo/leftovers.ts';
import { wholeAssembly } from './app/assembly.ts';
import * as images from './machines/images.ts';
import type { Pair } from './machines/images.ts';
import type { LiveAccount } from './machines/live-account.ts';
import { factsOf, machinesIn, openLiveAccount } from './machines/live-account.ts';
import { usersOf } from './machines/users.ts';

const SPEED = 10;
const PATIENCE_MS = 400_000;
const LONG = { timeout: 420_000 };

let folder: string;
let path: string;
let assembly: string;
let live: LiveAccount;
let account: Account;
/** It listens after twelve seconds: in time for `slow`, and not for `too-slow`. */
let late: Pair;
let ill: Pair;

/** Without setpriv: nobody but the runtime's own ledger sees to it that machines end with it. */
function toolsWithout(setpriv: string): string {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  for (const name of ['qemu-system-x86_64', 'qemu-img', 'nc.openbsd', 'nc']) {
    const places = (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, name));
    const found = places.find((place) => existsSync(place));
    if (found !== undefined) symlinkSync(found, join(tools, name));
  }
  expect(existsSync(join(tools, setpriv))).toBe(false);
  return tools;
}

const open = () => openLiveAccount({ assembly, speed: SPEED, folder: join(folder, 'run'), path });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'broken-images-'));
  mkdirSync(join(folder, 'run'));
  path = toolsWithout('setpriv');
  assembly = wholeAssembly('test/fixtures/machines');
  [late, ill] = await Promise.all([
    images.built(folder, 'slow', ['slow', '8080', '12']),
    images.built(folder, 'fails-health', ['ill', '8080']),
  ]);
  live = await open();
  account = await openAccount(live.endpoint, live.region);
}, 300_000);
afterAll(async () => {
  await live.stop();
  expect(machinesIn(folder)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

async function upload(service: string, pair: Pair, version = '1.0.0'): Promise<void> {
  for (const build of ['linux', 'unikernel'] as const) {
    const Key = `${service}/${version}/${build}.raw`;
    await account.s3.send(new PutObjectCommand({ Bucket: account.controlPlane.imagesBucket, Key, Body: pair[build] }));
  }
}

const follow = (service: string, until: (release: Followed) => boolean = () => false) =>
  followRelease(account, {
    ...{ service, version: '1.0.0', patienceMs: PATIENCE_MS, tell: () => undefined, until },
    pulse: () => Promise.resolve(),
  });

/** When it was tried, and what is said of its end. */
function readEnd({ steps }: Followed) {
  const at = (stage: string) => steps.find((step) => step.stage === stage)?.at ?? NaN;
  const remarks = steps.filter((step, n) => step.stage === steps[n - 1]?.stage).map(({ why }) => why);
  const stages = steps.map(({ stage }) => stage).filter((stage, n, all) => stage !== all[n - 1]);
  return { stages, why: steps.at(-1)?.why ?? '', remarks, triedSeconds: (at('rolling-back') - at('canary')) / 1000 };
}

async function keptConsole(service: string): Promise<string> {
  const { evidenceBucket: Bucket } = await factsOf<{ evidenceBucket: string }>(live, '/tandem/control-plane');
  const { Contents = [] } = await account.s3.send(new ListObjectsV2Command({ Bucket, Prefix: `faults/${service}/` }));
  const { Body } = await account.s3.send(new GetObjectCommand({ Bucket, Key: Contents[0]?.Key }));
  return (await Body?.transformToString()) ?? '';
}

/** Each with its deadline (`test/fixtures/machines`), what its reason says and no other's, and what is on its console. */
const BROKEN: readonly [service: string, pair: () => Pair, deadlineSeconds: number, why: RegExp, console: RegExp][] = [
  [
    'fails-health',
    () => ill,
    600,
    /at the deadline: canary-1-1 .* failed with these codes: \[503\]; it answers, but not as a healthy node does/,
    /listening on 8080/,
  ],
  [
    'cut',
    () => images.cutShort(late),
    900,
    /it powered itself off; its console ends ".*the root on \S+ cannot be read .*the image may be cut short: partition 2 ends/,
    /boot failed/,
  ],
  ['never-listens', () => images.NEVER_LISTENS, 500, /deadline: .*timed out; it runs and nothing answers/, /waiting for a lock/],
  [
    'powers-off',
    () => images.POWERS_OFF,
    900,
    /Client.InstanceInitiatedShutdown; it powered itself off; its console ends ".*no configuration: giving up"/,
    /giving up/,
  ],
  ['resets', () => images.RESETS, 400, /it starts again and again: \d+ starts are on its console/, /starting again/],
];
/** The next look, and what the workflow needs for it. */
const LOOK_SECONDS = 120;

const TRIED = ['received', 'baking', 'canary', 'rolling-back', 'rolled-back'];
const NOTHING = { nodes: { unikernel: 0, linux: 0 }, images: 0, snapshots: 0 };

it(
  'each image that does not work ends its release in its stage, by its deadline, with a reason that tells it from the others',
  LONG,
  async () => {
    const slow = [follow('slow', ({ stage }) => stage === 'debut'), follow('too-slow')] as const;
    await upload('too-slow', late);
    await upload('slow', late);
    await Promise.all([follow('too-slow', isTried), follow('slow', isTried)]);
    const users = await usersOf(live, 'slow');
    onTestFinished(() => users.stop());

    const ends = BROKEN.map(async ([service, pair]) => {
      await upload(service, pair());
      return readEnd(await follow(service));
    });
    await upload('zeros', images.ZEROS);
    const [zeros, ended] = await Promise.all([follow('zeros').then(readEnd), Promise.all(ends)]);

    expect(zeros.stages).toEqual(['received', 'baking', 'rolling-back', 'rolled-back']);
    expect(zeros.why).toMatch(/linux.raw is refused: .*neither a tar nor a disk with a boot sector/);
    for (const [n, [service, , deadlineSeconds, why, console]] of BROKEN.entries()) {
      const end = ended[n]!;
      expect(end).toMatchObject({ stages: TRIED, why: expect.stringMatching(why) as string });
      expect(BROKEN.filter(([, , , other]) => other.test(end.why))).toHaveLength(1);
      expect(end.triedSeconds).toBeLessThan(deadlineSeconds + LOOK_SECONDS);
      expect(await keptConsole(service)).toMatch(console);
    }

    const [inTime, tooLate] = await Promise.all(slow);
    expect(inTime.stage).toBe('debut');
    const end = readEnd(tooLate);
    expect(end).toMatchObject({
      stages: TRIED,
      why: expect.stringContaining('not healthy at the deadline: canary-1-1') as string,
    });
    expect(await keptConsole('too-slow')).toMatch(/Linux version/);
    expect(end.remarks).toEqual([
      expect.stringMatching(
        /^healthy after all: canary-1-1 within \d+ s of its launch. It is slow, and health.deadlineSeconds is 130$/,
      ),
    ]);
    for (const service of ['zeros', 'too-slow', ...BROKEN.map(([name]) => name)])
      expect(await whatIsLeft(account, service, '1.0.0')).toEqual(NOTHING);
    await untilAsMany(async () => {
      const { nodes } = await whatIsLeft(account, 'slow', '1.0.0');
      return nodes.unikernel + nodes.linux;
    });
  },
);

const isTried = ({ stage }: Followed) => !['received', 'baking'].includes(stage);

/** The files of a machine are below a folder with its instance's name. */
const foldersOfMachines = () =>
  readdirSync(join(folder, 'run'), { recursive: true, encoding: 'utf8' }).filter((name) => /\/i-[0-9a-f]{17}$/.test(name));

/** Terminated is told when it is asked for; that the machine and its files are gone takes a moment. */
async function untilAsMany(instances: () => Promise<number>): Promise<void> {
  const surplus = async () => {
    const most = await instances();
    return [machinesIn(folder).length - most, foldersOfMachines().length - most].filter((more) => more > 0);
  };
  await expect.poll(surplus, { timeout: 60_000 }).toEqual([]);
}

it('no machine survives a runtime that was killed and is started again', LONG, async () => {
  await upload('never-listens', images.NEVER_LISTENS, '1.1.0');
  await expect.poll(() => machinesIn(folder).length, { timeout: 60_000 }).toBeGreaterThan(0);
  await live.kill();
  expect(machinesIn(folder)).not.toEqual([]);
  live = await open();
  await untilAsMany(() => Promise.resolve(0));
});
