import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import { PORT, setStage, START } from './stage.ts';
import type { Stage } from './stage.ts';

const SECOND = 1_000;
const [ONE, TWO] = ['i-0000000000000001', 'i-0000000000000002'];

let time: VirtualClock;
let stage: Stage;

beforeEach(async () => {
  time = new VirtualClock({ start: START });
  stage = await setStage({ time });
  await stage.elb.start!();
});

const register = (group: string, ...ids: string[]) =>
  stage.run('RegisterTargets', { TargetGroupArn: group, Targets: ids.map((Id) => ({ Id })) });
const deregister = (group: string, ...ids: string[]) =>
  stage.run('DeregisterTargets', { TargetGroupArn: group, Targets: ids.map((Id) => ({ Id })) });
const ask = (path = '/', headers = {}) => stage.elb.traffic.request({ address: '127.0.1.1', port: PORT, path, headers }).status;

async function serveBoth(): Promise<void> {
  stage.launch(ONE);
  stage.launch(TWO);
  stage.weigh(1, 1);
  register(stage.blue, ONE);
  register(stage.green, TWO);
  await time.advanceBy(10 * SECOND);
}

describe('a target', () => {
  it('is registered, checked, and healthy after its first passed check', async () => {
    stage.launch(ONE);
    stage.weigh(1, 0);
    register(stage.blue, ONE);
    expect(stage.health(stage.blue)).toEqual(['initial Elb.RegistrationInProgress']);
    await time.advanceBy(4 * SECOND);
    expect(stage.health(stage.blue)).toEqual(['healthy']);
  });

  it('stays in its first checks until it has failed often enough, and then says why', async () => {
    stage.launch(ONE);
    stage.answers.clear();
    stage.weigh(1, 0);
    register(stage.blue, ONE);
    await time.advanceBy(4 * SECOND);
    expect(stage.health(stage.blue)).toEqual(['initial Elb.InitialHealthChecking']);
    await time.advanceBy(5 * SECOND);
    expect(stage.health(stage.blue)).toEqual(['unhealthy Target.FailedHealthChecks']);
  });

  it.each([
    [{ kind: 'answered', status: 500, latencyMs: 1 } as const, 'unhealthy Target.ResponseCodeMismatch'],
    [{ kind: 'answered', status: 200, latencyMs: 2_001 } as const, 'unhealthy Target.Timeout'],
  ])('that answers %j is %s', async (answer, health) => {
    await serveBoth();
    stage.answers.set('10.0.0.1', answer);
    await time.advanceBy(15 * SECOND);
    expect(stage.health(stage.blue)).toEqual([health]);
  });

  it('that was unhealthy needs as many passed checks as declared', async () => {
    await serveBoth();
    stage.answers.delete('10.0.0.1');
    await time.advanceBy(15 * SECOND);
    stage.answers.set('10.0.0.1', { kind: 'answered', status: 200, latencyMs: 1 });
    await time.advanceBy(5 * SECOND);
    expect(stage.health(stage.blue)).toEqual(['unhealthy Target.FailedHealthChecks']);
    await time.advanceBy(5 * SECOND);
    expect(stage.health(stage.blue)).toEqual(['healthy']);
  });

  it('is unused in a group that no rule names, and checked as soon as one does', async () => {
    stage.launch(ONE);
    register(stage.blue, ONE);
    await time.advanceBy(60 * SECOND);
    expect(stage.health(stage.blue)).toEqual(['unused Target.NotInUse']);
    stage.weigh(0, 1);
    expect(stage.health(stage.blue)).toEqual(['initial Elb.InitialHealthChecking']);
    await time.advanceBy(5 * SECOND);
    expect(stage.health(stage.blue)).toEqual(['healthy']);
  });

  it('is unused while its instance is stopped, and gone when it is terminated', async () => {
    await serveBoth();
    stage.instances.get(ONE)!.state = 'stopped';
    expect(stage.health(stage.blue)).toEqual(['unused Target.InvalidState']);
    stage.instances.get(ONE)!.state = 'terminated';
    await time.advanceBy(5 * SECOND);
    expect(stage.health(stage.blue)).toEqual([]);
  });

  it('that is asked for by name and not registered is unused, not left out', () => {
    stage.weigh(1, 0);
    expect(stage.health(stage.blue, [ONE])).toEqual(['unused Target.NotRegistered']);
  });

  it('drains for the whole delay, without new requests, and is then gone', async () => {
    await serveBoth();
    stage.weigh(1, 0);
    await time.advanceBy(10 * SECOND);
    deregister(stage.blue, ONE);
    expect(stage.health(stage.blue)).toEqual(['draining Target.DeregistrationInProgress']);
    expect(ask()).toBe(503);
    await time.advanceBy(19 * SECOND);
    expect(stage.health(stage.blue)).toEqual(['draining Target.DeregistrationInProgress']);
    await time.advanceBy(2 * SECOND);
    expect(stage.health(stage.blue)).toEqual([]);
  });

  it('can be registered twice, and again while it drains', async () => {
    await serveBoth();
    register(stage.blue, ONE);
    expect(stage.health(stage.blue)).toEqual(['healthy']);
    deregister(stage.blue, ONE);
    deregister(stage.blue, ONE);
    register(stage.blue, ONE);
    await time.advanceBy(60 * SECOND);
    expect(stage.health(stage.blue)).toEqual(['healthy']);
  });

  it('is refused when one of the call does not run, and then none of them is registered', () => {
    stage.launch(ONE);
    stage.launch(TWO);
    stage.instances.get(TWO)!.state = 'pending';
    expect(() => register(stage.blue, ONE, TWO)).toThrow(
      expect.objectContaining({ code: 'InvalidTarget', message: expect.stringContaining(TWO) as string }),
    );
    expect(() => register(stage.blue, 'i-0000000000000009')).toThrow('do not exist');
    expect(() => register(stage.blue, 'web-1')).toThrow(expect.objectContaining({ code: 'ValidationError' }));
    expect(stage.health(stage.blue)).toEqual([]);
  });

  it('can be one of a thousand, not one more', () => {
    const ids = Array.from({ length: 1001 }, (_, n) => `i-${n.toString(16).padStart(17, '0')}`);
    for (const id of ids) stage.launch(id);
    expect(() => register(stage.blue, ...ids)).toThrow(expect.objectContaining({ code: 'TooManyTargets' }));
    register(stage.blue, ...ids.slice(1));
    expect(stage.health(stage.blue)).toHaveLength(1000);
  });

  it('needs no deregistration to be deregistered', () => {
    expect(deregister(stage.blue, 'i-0000000000000009')).toEqual({});
  });
});

describe('requests', () => {
  it('get the default action until a rule is there, and follow it some seconds after it was made', async () => {
    stage.launch(ONE);
    stage.weigh(1, 0);
    register(stage.blue, ONE);
    expect(ask()).toBe(503);
    await time.advanceBy(6 * SECOND);
    expect(ask()).toBe(200);
  });

  it('are split by weight, and a weight of 0 gets none', async () => {
    await serveBoth();
    stage.weigh(900, 100);
    await time.advanceBy(6 * SECOND);
    for (let n = 0; n < 2000; n++) ask();
    const share = stage.sum('RequestCount', stage.green) / 2000;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
    stage.weigh(1, 0);
    await time.advanceBy(6 * SECOND);
    const before = stage.sum('RequestCount', stage.green);
    for (let n = 0; n < 500; n++) ask();
    expect(stage.sum('RequestCount', stage.green)).toBe(before);
  });

  it('never fall back to an older change that arrives late', async () => {
    await serveBoth();
    for (let round = 0; round < 20; round++) {
      stage.weigh(0, 1);
      stage.weigh(1, 0);
      await time.advanceBy(10 * SECOND);
      const before = stage.sum('RequestCount', stage.green);
      ask();
      expect(stage.sum('RequestCount', stage.green)).toBe(before);
    }
  });

  it('do not move to another group when the chosen one has no target: 503, and counted as the load balancer’s', async () => {
    stage.launch(ONE);
    stage.weigh(0, 1);
    register(stage.blue, ONE);
    await time.advanceBy(10 * SECOND);
    expect(ask()).toBe(503);
    expect(stage.sum('HTTPCode_ELB_503_Count')).toBe(1);
    expect(stage.sum('RequestCount')).toBe(0);
  });

  it('go to unhealthy targets when there are no others', async () => {
    await serveBoth();
    stage.answers.set('10.0.0.1', { kind: 'answered', status: 500, latencyMs: 1 });
    stage.weigh(1, 0);
    await time.advanceBy(20 * SECOND);
    expect(stage.health(stage.blue)).toEqual(['unhealthy Target.ResponseCodeMismatch']);
    expect(ask()).toBe(500);
    expect(stage.sum('HTTPCode_Target_5XX_Count', stage.blue)).toBe(1);
  });

  it('to a target that refuses are answered 502, once, and counted as the load balancer’s', async () => {
    await serveBoth();
    stage.weigh(1, 0);
    await time.advanceBy(6 * SECOND);
    stage.answers.delete('10.0.0.1');
    expect(ask()).toBe(502);
    expect(stage.sum('TargetConnectionErrorCount', stage.blue)).toBe(1);
    expect(stage.sum('HTTPCode_ELB_502_Count')).toBe(1);
    expect(stage.sum('HTTPCode_ELB_502_Count', stage.blue)).toBe(0);
    expect(stage.sum('RequestCount', stage.blue)).toBe(1);
  });

  it('are matched by the rule of the lowest priority first', async () => {
    await serveBoth();
    stage.weigh(1, 0);
    const beta = { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Beta', Values: ['y*'] } };
    const Actions = [{ Type: 'forward', TargetGroupArn: stage.green }];
    const made = stage.run('CreateRule', { ListenerArn: stage.listener, Priority: 50, Conditions: [beta], Actions }) as {
      Rules: { RuleArn: string }[];
    };
    await time.advanceBy(6 * SECOND);
    ask('/', { 'x-beta': 'Yes' });
    ask('/', { 'x-beta': 'no' });
    expect([stage.sum('RequestCount', stage.green), stage.sum('RequestCount', stage.blue)]).toEqual([1, 1]);
    stage.run('DeleteRule', { RuleArn: made.Rules[0]!.RuleArn });
    await time.advanceBy(6 * SECOND);
    ask('/', { 'x-beta': 'Yes' });
    expect(stage.sum('RequestCount', stage.blue)).toBe(2);
  });
});

describe('host counts', () => {
  it('are published of every group in use, every minute', async () => {
    await serveBoth();
    stage.answers.delete('10.0.0.2');
    await time.advanceBy(20 * SECOND);
    stage.samples.length = 0;
    await time.advanceBy(60 * SECOND);
    expect([stage.sum('HealthyHostCount', stage.blue), stage.sum('UnHealthyHostCount', stage.blue)]).toEqual([1, 0]);
    expect([stage.sum('HealthyHostCount', stage.green), stage.sum('UnHealthyHostCount', stage.green)]).toEqual([0, 1]);
  });
});

describe('the end', () => {
  it('leaves nothing on the timetable', async () => {
    await serveBoth();
    deregister(stage.green, TWO);
    await stage.elb.stop!();
    await time.advanceBy(60 * SECOND);
    expect(time.entries).toBe(0);
  });
});
