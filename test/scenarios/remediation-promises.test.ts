/** What is promised of every remediation, held against whatever would break it: order, evidence, and how long it may take. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { AwsError } from '../../local/kernel/aws-error.ts';
import { Account } from './app/account.ts';
import { MINUTE_MS } from './app/opened-account.ts';
import { launched, slotById, untilSo } from './app/fleet.ts';
import type { SlotItem } from './app/items.ts';
import { running, weights } from './app/left.ts';

const LONG_MS = 120_000;
const WEIGHTS = { blue: 750, baseline: 250 };
/** The call that fails, and how. */
const broken = { operation: '', error: new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503) };
/** The call that is never answered. */
const hung = { operation: '' };
/** The zone in which EC2 has no room. */
const full = { zone: '' };
/** An instance whose checks fail, and one that EC2 will retire. */
const ill = { impaired: '', scheduled: '' };
/** The token of every launch call of a function, by subnet. The workflow's own calls come first, and are seen as instances only. */
const launches: { readonly subnet: string; readonly token: string }[] = [];
let made = 0;
let account: Account;

beforeAll(async () => {
  const ec2Faults = {
    lacksCapacity: (zone: string) => zone === full.zone,
    impaired: (id: string) => id === ill.impaired,
    scheduled: (id: string) => (id === ill.scheduled ? 'instance-retirement' : undefined),
  };
  account = await Account.open(['shop'], { ec2Faults });
  await account.users('shop', { perSecond: 4 });
  await account.released('shop', '1.0.0');
  await account.advance(1);
  account.runtime.trace.subscribe(({ path, kind }) => {
    if (path === 'ec2' && kind === 'instance pending') made += 1;
  });
  const { gateway } = account.runtime.account;
  const { hooks } = gateway;
  gateway.hooks = {
    ...hooks,
    async before(call) {
      await hooks.before?.(call);
      if (call.operation === broken.operation) throw broken.error;
      if (call.operation === hung.operation) await new Promise(() => undefined);
      const { SubnetId, ClientToken } = (call.input ?? {}) as { SubnetId?: string; ClientToken?: string };
      if (call.operation === 'RunInstances') launches.push({ subnet: SubnetId!, token: ClientToken! });
    },
  };
}, LONG_MS);
afterAll(() => account.stop());

/** No remediation is left, and what has failed is no longer lately. */
afterEach(async () => {
  broken.operation = '';
  hung.operation = '';
  full.zone = '';
  Object.assign(ill, { impaired: '', scheduled: '' });
  await account.advance(70);
  expect(await running(account)).toEqual([]);
}, LONG_MS);

async function stateOf(instanceId: string): Promise<string> {
  const { Reservations } = await account.call<{ Reservations: { Instances: { State: { Name: string } }[] }[] }>(
    'ec2:DescribeInstances',
    { Filters: [{ Name: 'instance-id', Values: [instanceId] }] },
  );
  return Reservations[0]?.Instances[0]?.State.Name ?? 'forgotten';
}

/** Seconds from the fault's detection until the node is terminated. */
async function keptFor({ instanceId, id }: SlotItem): Promise<number> {
  await untilSo(account, async () => ['shutting-down', 'terminated'].includes(await stateOf(instanceId!)), 3_600);
  const fault = (await account.faults('shop')).find((one) => one.slot === id && one.instanceId === instanceId)!;
  return (account.now - fault.detectedAt) / 1000;
}

async function firstOf(group: string): Promise<SlotItem> {
  return (await launched(account, 'shop', group))[0]!;
}

it(
  'the last healthy node of a group is condemned when its weight is gone, and not before',
  async () => {
    const calls: string[] = [];
    const stop = account.runtime.trace.subscribe(({ path, kind, data }) => {
      if (path === 'gateway' && kind === 'call') calls.push(String(data?.operation));
    });
    const victim = await firstOf('baseline');
    const order = { source: 'tandem.operator', instanceId: victim.instanceId, by: 'ada', why: 'the test wants it' };
    expect(await account.knock(order)).toMatchObject({ kind: 'condemned' });
    stop();
    expect((await weights(account, 'shop'))['main']).toEqual({ blue: 999 });
    // The load balancer's rule, then the slot, then the execution.
    const [rule, slot, start] = [calls.indexOf('ModifyRule'), calls.lastIndexOf('PutItem'), calls.indexOf('StartExecution')];
    expect(rule).toBeGreaterThan(0);
    expect(slot).toBeGreaterThan(rule);
    expect(start).toBeGreaterThan(slot);
    await account.advance(3);
    expect((await weights(account, 'shop'))['main']).toEqual(WEIGHTS);
  },
  LONG_MS,
);

it(
  'the last healthy node of a group is not condemned where its weight cannot be taken',
  async () => {
    const victim = await firstOf('baseline');
    broken.operation = 'ModifyRule';
    const throttled = broken.error;
    broken.error = new AwsError('AccessDenied', 'Not now.', 403);
    const order = { source: 'tandem.operator', instanceId: victim.instanceId, by: 'ada', why: 'the test wants it' };
    expect(await account.knock(order)).toMatch(/^AccessDenied/);
    Object.assign(broken, { operation: '', error: throttled });
    expect(await slotById(account, 'shop', victim.id)).toMatchObject({ attempt: victim.attempt, state: 'launched' });
    await account.advance(3);
    expect((await weights(account, 'shop'))['main']).toEqual(WEIGHTS);
  },
  LONG_MS,
);

it(
  'weights that somebody else has set are set back within two minutes',
  async () => {
    const { resources } = await account.serviceFacts('shop');
    const { Rules } = await account.call<{ Rules: { Priority: string; RuleArn: string }[] }>(
      'elasticloadbalancing:DescribeRules',
      { ListenerArn: resources.listener },
    );
    const { RuleArn } = Rules.find(({ Priority }) => Priority === '100')!;
    const TargetGroups = [{ TargetGroupArn: resources.targetGroups['green'], Weight: 999 }];
    await account.call('elasticloadbalancing:ModifyRule', {
      RuleArn,
      Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
    });
    expect((await weights(account, 'shop'))['main']).toEqual({ green: 999 });
    await account.advance(2);
    expect((await weights(account, 'shop'))['main']).toEqual(WEIGHTS);
  },
  LONG_MS,
);

it(
  'a node that hangs is gone a minute after it was detected, though its console cannot be had',
  async () => {
    broken.operation = 'GetConsoleOutput';
    const victim = await firstOf('blue');
    await account.strike(victim.instanceId!, { kind: 'hang' });
    const seconds = await untilSo(account, async () => (await slotById(account, 'shop', victim.id)).attempt > 1);
    expect(seconds).toBeLessThan(180);
    const kept = await keptFor(victim);
    expect(kept).toBeGreaterThanOrEqual(55);
    expect(kept).toBeLessThan(75);
    const fault = (await account.faults('shop')).at(-1)!;
    await account.advance(35);
    const index = await account.evidence('shop', fault.id);
    const whyMissed = index?.missed.find(({ name }) => name === 'console-latest.txt')?.why;
    expect(whyMissed).toMatch(/RequestLimitExceeded/);
    expect(index?.pieces.map(({ name }) => name)).toContain('instance.json');
  },
  LONG_MS,
);

it(
  'a node that hangs is gone soon after its minute, though the evidence bucket never answers',
  async () => {
    const victim = await firstOf('blue');
    await account.strike(victim.instanceId!, { kind: 'hang' });
    hung.operation = 'GetObject';
    await untilSo(account, async () => (await slotById(account, 'shop', victim.id)).attempt > victim.attempt);
    const [condemned] = (await slotById(account, 'shop', victim.id)).condemned!;
    await untilSo(account, async () => ['shutting-down', 'terminated'].includes(await stateOf(victim.instanceId!)), 3_600);
    // Its evidence is asked for once more before it goes, for as long as a call may take.
    expect((account.now - condemned!.detectedAt) / 1000).toBeLessThan(90);
    hung.operation = '';
    await account.advance(45);
    const faults = (await account.faults('shop')).filter(({ instanceId }) => instanceId === victim.instanceId);
    expect(faults).toMatchObject([{ isFinal: true, notified: true }]);
  },
  LONG_MS,
);

it(
  'a node that hangs is gone a minute after it was detected, though its fault cannot be recorded yet; it is afterwards, once',
  async () => {
    const known = (await account.faults('shop')).length;
    const victim = await firstOf('blue');
    await account.strike(victim.instanceId!, { kind: 'hang' });
    broken.operation = 'GetObject';
    await untilSo(account, async () => (await slotById(account, 'shop', victim.id)).attempt > victim.attempt);
    const since = account.now;
    await untilSo(account, async () => ['shutting-down', 'terminated'].includes(await stateOf(victim.instanceId!)), 3_600);
    expect((account.now - since) / 1000).toBeLessThan(90);
    expect(await account.faults('shop')).toHaveLength(known);
    broken.operation = '';
    await account.advance(45);
    const found = (await account.faults('shop')).slice(known);
    expect(found).toMatchObject([
      { instanceId: victim.instanceId, crash: { crashClass: 'hang' }, notified: true, isFinal: true },
    ]);
  },
  LONG_MS,
);

it.each([
  ['which EC2 will retire', 'scheduled', 60, /EC2 has scheduled instance-retirement for it/],
  ['which EC2 cannot reach', 'impaired', 150, /EC2's instance check fails/],
] as const)(
  'a node %s, though it serves and nothing was said of it, is replaced by the sweep, once',
  async (_which, how, seconds, why) => {
    const known = (await account.faults('shop')).length;
    const victim = await firstOf('blue');
    ill[how] = victim.instanceId!;
    const isReplaced = async () => (await slotById(account, 'shop', victim.id)).attempt > victim.attempt;
    expect(await untilSo(account, isReplaced)).toBeLessThanOrEqual(seconds);
    const [condemned] = (await slotById(account, 'shop', victim.id)).condemned!;
    expect(condemned).toMatchObject({ way: 'status', why: expect.stringMatching(why) as string });
    await account.advance(45);
    expect((await account.faults('shop')).slice(known)).toMatchObject([{ instanceId: victim.instanceId, way: 'status' }]);
    expect((await slotById(account, 'shop', victim.id)).attempt).toBe(victim.attempt + 1);
  },
  LONG_MS,
);

it(
  'a node that is off is kept until its last console is posted, and then goes',
  async () => {
    const victim = await firstOf('blue');
    await account.strike(victim.instanceId!, { kind: 'power-off', console: 'abort: kept for what it says\n' });
    await account.advance(1);
    expect(await stateOf(victim.instanceId!)).toBe('stopped');
    expect(await slotById(account, 'shop', victim.id)).toMatchObject({ state: 'launched', attempt: victim.attempt + 1 });
    const kept = await keptFor(victim);
    const fault = (await account.faults('shop')).at(-1)!;
    const last = (await account.evidence('shop', fault.id))!.pieces.find(({ name }) => name === 'console-end.txt')!;
    expect(fault.detectedAt + kept * 1000 - last.capturedAt).toBeGreaterThan(0);
    expect(kept).toBeLessThan(24 * 60);
  },
  LONG_MS,
);

it(
  'a node that is off is kept for half an hour at most, whatever is still missing',
  async () => {
    const victim = await firstOf('blue');
    await account.strike(victim.instanceId!, { kind: 'power-off', console: 'abort: nobody will ever know\n' });
    await account.advance(1);
    broken.operation = 'GetConsoleOutput';
    const kept = await keptFor(victim);
    expect(kept).toBeGreaterThan(28 * 60);
    expect(kept * 1000).toBeLessThan(31.5 * MINUTE_MS);
    const fault = (await account.faults('shop')).at(-1)!;
    await account.advance(1);
    expect((await account.evidence('shop', fault.id))?.missed.map(({ name }) => name)).toContain('console-end.txt');
  },
  LONG_MS,
);

/** By the condition on the slot's write, by the execution's name, and by the launch's token: each alone is enough. */
it(
  'twenty copies of one event, answered by many doors at once, replace a node once',
  async () => {
    const { length: faults } = await account.faults('shop');
    const told = account.told('fault').length;
    const victim = await firstOf('blue');
    made = 0;
    await account.strike(victim.instanceId!, { kind: 'power-off', console: 'abort: told twenty times\n' });
    const detail = { 'instance-id': victim.instanceId, state: 'stopping' };
    const event = { source: 'aws.ec2', time: new Date(account.now).toISOString(), detail };
    // More than may run at once are refused, and asked again: Lambda would do so with events.
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => account.knock(event)));
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(1);
    await account.advance(2);
    const { healthyAt, ...slot } = await slotById(account, 'shop', victim.id);
    expect(slot).toMatchObject({ state: 'launched', attempt: victim.attempt + 1 });
    expect(healthyAt).toBeDefined();
    expect(made).toBe(1);
    expect(await account.faults('shop')).toHaveLength(faults + 1);
    expect(account.told('fault')).toHaveLength(told + 1);
  },
  LONG_MS,
);

it(
  'each place a replacement is tried in has a client token of its own, and the same one on every try',
  async () => {
    const victim = await firstOf('blue');
    launches.length = 0;
    full.zone = victim.zone;
    await account.strike(victim.instanceId!, { kind: 'power-off', console: 'abort: of the full zone\n' });
    await account.advance(1);
    expect((await slotById(account, 'shop', victim.id)).zone).not.toBe(victim.zone);
    const places = new Map(launches.map(({ subnet, token }) => [subnet, token]));
    expect(places.size).toBe(2);
    expect(new Set(places.values()).size).toBe(2);
    expect(launches.every(({ subnet, token }) => places.get(subnet) === token)).toBe(true);
  },
  LONG_MS,
);

it(
  'a node of a release that is being taken back is not replaced when it fails',
  async () => {
    await account.upload('shop', '2.0.0');
    await account.untilTold('shop', '2.0.0', 'debut');
    await account.advance(0.8);
    const victim = (await launched(account, 'shop')).find((one) => one.version === '2.0.0' && one.build === 'unikernel')!;
    await account.order('shop', '2.0.0', 'abort');
    await account.untilTold('shop', '2.0.0', 'rolling-back');
    made = 0;
    await account.strike(victim.instanceId!, { kind: 'power-off', console: 'abort: on its way out\n' });
    expect((await account.untilOver('shop', '2.0.0')).stage).toBe('rolled-back');
    expect(made).toBe(0);
  },
  LONG_MS,
);
