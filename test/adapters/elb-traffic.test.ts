import { ElasticLoadBalancingV2Client, PriorityInUseException } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { ElbTraffic, toActions, toCondition, toWeights } from '../../adapters/elb-traffic.ts';
import { aService } from './a-service.ts';
import { answering } from './answering.ts';

const open = (answers: Parameters<typeof answering>[1]) => {
  const { client, asked } = answering(new ElasticLoadBalancingV2Client({ region: 'eu-west-1' }), answers);
  return { traffic: new ElbTraffic(client, 'tandem'), asked };
};
const service = aService();
const main = { blue: 900, canary: 50, baseline: 50 };
const rule = { RuleArn: 'arn:rule', Priority: '100', Actions: toActions(service, main) };

describe('ElbTraffic', () => {
  it('lists all five groups and turns group stickiness off in the same call', () => {
    const [action] = toActions(service, main);
    expect(action?.ForwardConfig?.TargetGroups?.map(({ TargetGroupArn, Weight }) => [TargetGroupArn, Weight])).toEqual([
      ['arn:tg/blue', 900],
      ['arn:tg/green', 0],
      ['arn:tg/canary', 50],
      ['arn:tg/baseline', 50],
      ['arn:tg/control', 0],
    ]);
    expect(action?.ForwardConfig?.TargetGroupStickinessConfig).toEqual({ Enabled: false });
  });

  it('reads back what was written, a group alone with all the requests too', () => {
    for (const weights of [main, { green: 1000 }, { blue: 999, canary: 1 }, {}])
      expect(toWeights(service, toActions(service, weights))).toEqual(weights);
  });

  it('creates its rule with the tags that the right to change it goes by', async () => {
    const { traffic, asked } = open({ DescribeRules: () => ({ Rules: [] }), CreateRule: () => ({}) });
    await traffic.write(service, { main, beta: {} });
    expect(asked.at(-1)).toMatchObject({
      command: 'CreateRule',
      input: {
        ListenerArn: 'arn:listener',
        Priority: 100,
        Tags: [
          { Key: 'tandem:stack', Value: 'tandem' },
          { Key: 'tandem:service', Value: 'hello' },
        ],
      },
    });
  });

  it('changes the rule that a call with a lost answer made', async () => {
    const inUse = new PriorityInUseException({ $metadata: {}, message: 'in use' });
    const { traffic, asked } = open({
      DescribeRules: (_input, call) => ({ Rules: call === 0 ? [] : [rule] }),
      CreateRule: () => Promise.reject(inUse),
      ModifyRule: () => ({}),
    });
    await traffic.write(service, { main, beta: {} });
    expect(asked.at(-1)).toMatchObject({ command: 'ModifyRule', input: { RuleArn: 'arn:rule' } });
  });

  it('removes the rule where no group has weight, and asks nothing where there is none', async () => {
    const { traffic, asked } = open({ DescribeRules: () => ({ Rules: [rule] }), DeleteRule: () => ({}) });
    await traffic.write(service, { main: { blue: 0 }, beta: {} });
    expect(asked.map(({ command }) => command)).toEqual(['DescribeRules', 'DeleteRule']);
    const empty = open({ DescribeRules: () => ({ Rules: [] }) });
    await empty.traffic.write(service, { main: {}, beta: {} });
    expect(empty.asked.map(({ command }) => command)).toEqual(['DescribeRules']);
  });

  it('picks out beta users before everybody else', async () => {
    const beta = aService({ mode: 'beta', beta: { cookie: { name: 'beta', value: '1' } } });
    const { traffic, asked } = open({ DescribeRules: () => ({ Rules: [] }), CreateRule: () => ({}) });
    await traffic.write(beta, { main: { blue: 1000 }, beta: { baseline: 1000 } });
    expect(asked.slice(1).map(({ input }) => input['Priority'])).toEqual([50, 100]);
  });

  it('matches a cookie exactly, wherever it stands among others', () => {
    const [condition] = toCondition({ cookie: { name: 'beta', value: '1' } });
    const matches = (header: string) =>
      condition?.HttpHeaderConfig?.Values?.some((value) => new RegExp(`^${value.replaceAll('*', '.*')}$`).test(header));
    expect(['beta=1', 'beta=1; a=b', 'a=b; beta=1', 'a=b; beta=1; c=d'].every(matches)).toBe(true);
    expect(['xbeta=1', 'beta=10', 'a=beta=1', 'beta=2'].some(matches)).toBe(false);
  });

  it('sets the default action of an NLB, which has no rules', async () => {
    const tcp = aService({ protocol: 'tcp' });
    const { traffic, asked } = open({
      ModifyListener: () => ({}),
      DescribeListeners: () => ({ Listeners: [{ DefaultActions: toActions(tcp, main) }] }),
    });
    await traffic.write(tcp, { main, beta: {} });
    expect(asked[0]).toMatchObject({ command: 'ModifyListener', input: { ListenerArn: 'arn:listener' } });
    expect(await traffic.read(tcp)).toEqual({ main, beta: {} });
  });
});
