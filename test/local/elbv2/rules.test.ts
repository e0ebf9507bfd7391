import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../local/kernel/random.ts';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import { chooseGroup, flowTarget, RoundRobin, slowStartShare } from '../../../local/services/elbv2/core/choose.ts';
import { parseConditions } from '../../../local/services/elbv2/core/conditions.ts';
import { afterProbe, CHECKING, matchesCode } from '../../../local/services/elbv2/core/health.ts';
import { findAction } from '../../../local/services/elbv2/core/match-rule.ts';
import type { Action, HealthCheck, Target } from '../../../local/services/elbv2/core/model.ts';
import { setStage } from './stage.ts';

const action = (body: string): Action => ({ kind: 'fixed', status: 200, body });

function matches(condition: object, request: { host?: string; path?: string; headers?: Record<string, string[]> }): boolean {
  const rules = [
    { arn: '', listenerArn: '', priority: 1, conditions: parseConditions([condition]), action: action('rule'), tags: {} },
  ];
  const facts = { host: request.host ?? 'h', path: request.path ?? '/', header: (name: string) => request.headers?.[name] ?? [] };
  return findAction({ change: 0, rules, defaultAction: action('default') }, facts).priority === 1;
}

const path = (...Values: string[]) => ({ Field: 'path-pattern', PathPatternConfig: { Values } });
const host = (...Values: string[]) => ({ Field: 'host-header', HostHeaderConfig: { Values } });
const header = (HttpHeaderName: string, ...Values: string[]) => ({
  Field: 'http-header',
  HttpHeaderConfig: { HttpHeaderName, Values },
});

describe('a condition', () => {
  it.each([
    ['a path, by case', path('/img/*'), { path: '/img/a.png' }, true],
    ['a path of another case', path('/img/*'), { path: '/IMG/a.png' }, false],
    ['one character for each ?', path('/v?'), { path: '/v1' }, true],
    ['not two characters for one ?', path('/v?'), { path: '/v10' }, false],
    ['a whole path, not the beginning of one', path('/a'), { path: '/ab' }, false],
    ['a dot as a dot', path('/a.b'), { path: '/axb' }, false],
    ['a host, whatever the case', host('*.Example.com'), { host: 'www.example.COM' }, true],
    ['one of several hosts', host('a.com', 'b.com'), { host: 'b.com' }, true],
    ['a header by name and value, whatever the case', header('X-Beta', 'YES'), { headers: { 'x-beta': ['yes'] } }, true],
    ['a header that is not there', header('X-Beta', '*'), {}, false],
    ['any of a repeated header', header('X-Beta', 'b'), { headers: { 'x-beta': ['a', 'b'] } }, true],
    ['a cookie between others', header('Cookie', '*; beta=1;*'), { headers: { cookie: ['a=2; beta=1; c=3'] } }, true],
  ])('matches %s', (_what, condition, request, expected) => {
    expect(matches(condition, request)).toBe(expected);
  });

  it.each([
    [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } }, 'source-ip'],
    [path(), 'needs a value'],
    [path(...Array.from({ length: 6 }, (_, n) => `/${n}`)), 'no more than 5'],
    [header('Bad Name', 'x'), 'Bad Name'],
    [path('/'.repeat(129)), '128'],
    [{ Field: 'path-pattern', RegexValues: ['.*'] }, 'Regular expressions'],
  ])('refuses %j', (condition, why) => {
    expect(() => parseConditions([condition])).toThrow(why);
  });
});

describe('a choice', () => {
  it('gives each group its share and a group of weight 0 nothing, whatever the weights', () => {
    const weight = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 5 }), fc.integer(), (weights, seed) => {
        const groups = weights.map((one, n) => ({ groupArn: String(n), weight: one }));
        const random = createRandom(seed);
        const total = weights.reduce((sum, one) => sum + one, 0);
        const seen = weights.map(() => 0);
        for (let n = 0; n < 500; n++) {
          const chosen = chooseGroup(groups, random);
          if (total === 0) expect(chosen).toBeUndefined();
          else seen[Number(chosen)]! += 1;
        }
        weights.forEach((one, n) => {
          if (one === 0) expect(seen[n]).toBe(0);
          // Five standard deviations of 500 draws.
          if (total > 0) expect(Math.abs(seen[n]! / 500 - one / total)).toBeLessThan(0.112);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('never gives a group of weight 0 the request that lies on its edge', () => {
    const groups = [0, 1, 0].map((weight, n) => ({ groupArn: String(n), weight }));
    expect(chooseGroup(groups, { below: () => 0 })).toBe('1');
  });

  const target = (instanceId: string, more: Partial<Target> = {}): Target => ({
    instanceId,
    port: 80,
    registeredAt: 0,
    health: { state: 'healthy', streak: 0 },
    ...more,
  });

  it('takes targets in turn', () => {
    const robin = new RoundRobin();
    const three = ['a', 'b', 'c'].map((id) => target(id));
    const taken = Array.from({ length: 6 }, () => robin.next(three, () => 1, createRandom(1))?.instanceId);
    expect(taken).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('spares a target in its slow start, less and less', () => {
    const young = target('young', { healthySince: 1000 });
    expect(slowStartShare(young, 10_000, 6_000)).toBe(0.5);
    expect(slowStartShare(young, 10_000, 11_000)).toBe(1);
    expect(slowStartShare(young, 0, 1_001)).toBe(1);
    const robin = new RoundRobin();
    const random = createRandom(5);
    const both = [target('old'), young];
    const share = (one: Target) => slowStartShare(one, 10_000, 3_000);
    const taken = Array.from({ length: 1000 }, () => robin.next(both, share, random)?.instanceId);
    expect(taken.filter((id) => id === 'young').length).toBeLessThan(300);
  });

  it('keeps a flow with its target, and spreads flows over all', () => {
    const targets = ['a', 'b', 'c'].map((id) => target(id));
    const flows = Array.from({ length: 300 }, (_, n) => `127.0.0.1:${40_000 + n}`);
    const first = flows.map((flow) => flowTarget(targets, flow)?.instanceId);
    expect(flows.map((flow) => flowTarget(targets, flow)?.instanceId)).toEqual(first);
    for (const { instanceId } of targets) expect(first.filter((id) => id === instanceId).length).toBeGreaterThan(50);
    expect(flowTarget([], 'x')).toBeUndefined();
  });
});

describe('health', () => {
  const check = { healthyThreshold: 3, unhealthyThreshold: 2 } as HealthCheck;
  const fail = { kind: 'failed', reason: 'Target.Timeout', description: '' } as const;
  const pass = { kind: 'passed' } as const;

  it('turns only after enough results in a row', () => {
    const states = [pass, fail, pass, fail, fail, pass, pass, fail, pass, pass, pass].reduce(
      (known, result) => [...known, afterProbe(known.at(-1)!, result, check)],
      [CHECKING],
    );
    expect(states.map(({ state }) => state[0]).join('')).toBe('c' + 'hhhh' + 'uuuuuu' + 'h');
  });

  it.each([
    ['200', 200, true],
    ['200-299', 204, true],
    ['200,301-302', 302, true],
    ['200,301-302', 300, false],
  ])('matcher %s on %i is %s', (matcher, status, expected) => {
    expect(matchesCode(matcher, status)).toBe(expected);
  });
});

describe('rules of a listener', () => {
  const code = (name: string) => expect.objectContaining({ code: name }) as Error;
  const open = () => setStage({ time: new VirtualClock() });
  const forward = (...weights: [string, number | undefined][]) => [
    { Type: 'forward', ForwardConfig: { TargetGroups: weights.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })) } },
  ];

  it('are described in order, the default one last, with all that was given', async () => {
    const stage = await open();
    const Tags = [{ Key: 'tandem:stack', Value: 'tandem' }];
    const low = { ListenerArn: stage.listener, Conditions: [path('/*')], Actions: forward([stage.blue, 900], [stage.green, 0]) };
    stage.run('CreateRule', { ...low, Priority: 200 });
    const made = stage.run('CreateRule', { ...low, Priority: 50, Tags }) as { Rules: { RuleArn: string }[] };
    const { Rules } = stage.run('DescribeRules', { ListenerArn: stage.listener }) as { Rules: object[] };
    expect(Rules).toMatchObject([
      { Priority: '50', IsDefault: false, Conditions: [path('/*')], Actions: forward([stage.blue, 900], [stage.green, 0]) },
      { Priority: '200' },
      { Priority: 'default', IsDefault: true, Actions: [{ Type: 'fixed-response' }] },
    ]);
    const { RuleArn } = made.Rules[0]!;
    expect(RuleArn).toMatch(
      /^arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener-rule\/app\/[\w-]+\/[0-9a-f]{16}\/[0-9a-f]{16}\/[0-9a-f]{16}$/,
    );
    expect(stage.run('DescribeTags', { ResourceArns: [RuleArn] })).toEqual({ TagDescriptions: [{ ResourceArn: RuleArn, Tags }] });
  });

  it('are refused as ELB refuses them', async () => {
    const stage = await open();
    const rule =
      (Actions: unknown, more = {}) =>
      () =>
        stage.run('CreateRule', { ListenerArn: stage.listener, Priority: 7, Conditions: [path('/*')], Actions, ...more });
    rule(forward([stage.blue, 1]))();
    expect(rule(forward([stage.blue, 1]))).toThrow(code('PriorityInUse'));
    const other = { Priority: 8 };
    const six: [string, number][] = Array.from({ length: 6 }, (_, n) => [`${stage.blue}${n}`, 1]);
    expect(rule(forward(...six), other)).toThrow(code('TooManyTargetGroups'));
    expect(rule(forward([stage.blue, 1000]), other)).toThrow(code('ValidationError'));
    expect(rule(forward([stage.blue, 1], [stage.green, undefined]), other)).toThrow(code('ValidationError'));
    expect(rule(forward(['arn:none', 1]), other)).toThrow(code('TargetGroupNotFound'));
    expect(rule([{ Type: 'redirect' }], other)).toThrow(code('ValidationError'));
    expect(rule(forward([stage.blue, 1]), { Priority: 0 })).toThrow(code('ValidationError'));
    expect(rule(forward([stage.blue, 1]), { Priority: 9, ListenerArn: 'arn:none' })).toThrow(code('ListenerNotFound'));
    expect(() => stage.run('ModifyRule', { RuleArn: 'arn:none', Actions: forward([stage.blue, 1]) })).toThrow(
      code('RuleNotFound'),
    );
    expect(() => stage.run('DeleteRule', { RuleArn: 'arn:none' })).toThrow(code('RuleNotFound'));
  });

  it('accept an action whose weights are all 0, which then serves nobody', async () => {
    const stage = await open();
    expect(() => stage.weigh(0, 0)).not.toThrow();
  });
});
