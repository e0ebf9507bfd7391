import { expect, it } from 'vitest';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import { PORT, setStage, START } from './stage.ts';
import type { Stage, StageOptions } from './stage.ts';

const time = new VirtualClock({ start: START });
const stage = (options: Partial<StageOptions> = {}) => setStage({ time, ...options });

/** The same load balancer in another run, with the same instances behind it. */
async function reopened(before: Stage, options: Partial<StageOptions> = {}): Promise<Stage> {
  const saved: unknown = JSON.parse(JSON.stringify(before.elb.save?.()));
  await before.elb.stop?.();
  const again = await stage(options);
  for (const id of before.instances.keys()) again.launch(id);
  await again.elb.load?.(saved);
  await again.elb.start?.();
  return again;
}

const ask = ({ elb }: Stage) => elb.traffic.request({ address: '127.0.1.1', port: PORT, path: '/' }).status;
const register = (on: Stage, id: string) => on.run('RegisterTargets', { TargetGroupArn: on.blue, Targets: [{ Id: id }] });
const rulesOf = (on: Stage) => on.run('DescribeRules', { ListenerArn: on.listener });
const NODE = 'i-0123456789abcdef0';

async function serving(options: Partial<StageOptions> = {}, weights: readonly [number, number] = [3, 1]): Promise<Stage> {
  const first = await stage(options);
  await first.elb.start?.();
  first.launch(NODE);
  first.weigh(...weights);
  register(first, NODE);
  await time.advanceBy(30_000);
  return first;
}

it('a rule that somebody made is there again, and can be deleted', async () => {
  const first = await serving();
  const again = await reopened(first);
  expect(rulesOf(again)).toEqual(rulesOf(first));
  const [{ RuleArn }] = (rulesOf(again) as { Rules: [{ RuleArn: string }] }).Rules;
  again.run('DeleteRule', { RuleArn });
  await time.advanceBy(6_000);
  expect(ask(again)).toBe(503);
});

it('a target that was healthy serves at once, and is checked again', async () => {
  const again = await reopened(await serving({}, [1, 0]));
  expect(again.health(again.blue)).toEqual(['healthy']);
  expect(ask(again)).toBe(200);
  again.answers.clear();
  await time.advanceBy(3_000);
  // One failed check: not yet the threshold, which an instance that boots again may need.
  expect(again.health(again.blue)).toEqual(['healthy']);
  await time.advanceBy(30_000);
  expect(again.health(again.blue)[0]).toMatch(/^unhealthy/);
});

it('a target that drained goes on draining, no longer than it had left', async () => {
  const first = await serving();
  first.run('DeregisterTargets', { TargetGroupArn: first.blue, Targets: [{ Id: NODE }] });
  await time.advanceBy(15_000);
  const again = await reopened(first);
  expect(again.health(again.blue)[0]).toMatch(/^draining/);
  await time.advanceBy(5_000);
  expect(again.health(again.blue)).toEqual([]);
});

it('a network load balancer keeps the weights of its listener', async () => {
  const tcp = { Protocol: 'TCP' };
  const defaultActions = (blue: string) => [{ Type: 'forward', TargetGroupArn: blue }];
  const options = { balancer: { Type: 'network' }, group: tcp, listener: tcp, defaultActions };
  const first = await serving(options);
  const actions = (on: Stage) => on.run('DescribeListeners', { ListenerArns: [on.listener] });
  expect(actions(await reopened(first, options))).toEqual(actions(first));
  expect(JSON.stringify(actions(first))).toContain('"Weight":3');
});
