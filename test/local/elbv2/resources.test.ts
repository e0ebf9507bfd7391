import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import { setStage } from './stage.ts';
import type { StageOptions } from './stage.ts';

const open = (more: Partial<StageOptions> = {}) => setStage({ time: new VirtualClock(), ...more });

describe('what a template declares', () => {
  it('has names and addresses as AWS forms them', async () => {
    const stage = await open();
    expect(stage.balancer).toMatch(
      /^arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer\/app\/tandem-sho-Balancer-[0-9A-F]{12}\/[0-9a-f]{16}$/,
    );
    expect(stage.blue).toMatch(/:targetgroup\/[\w-]+\/[0-9a-f]{16}$/);
    expect(stage.listener).toMatch(/:listener\/app\/[\w-]+\/[0-9a-f]{16}\/[0-9a-f]{16}$/);
    expect(stage.run('DescribeLoadBalancers', {})).toMatchObject({
      LoadBalancers: [{ LoadBalancerArn: stage.balancer, DNSName: '127.0.1.1', Type: 'application', State: { Code: 'active' } }],
    });
    expect(stage.run('DescribeListeners', { LoadBalancerArn: stage.balancer })).toMatchObject({
      Listeners: [{ ListenerArn: stage.listener, Port: 18_080, Protocol: 'HTTP' }],
    });
  });

  it('has the same ARNs at every start, so that kept records still name it', async () => {
    const [first, second] = [await open(), await open()];
    const arns = ({ balancer, blue, green, listener }: typeof first) => [balancer, blue, green, listener];
    expect(arns(second)).toEqual(arns(first));
    expect(new Set(arns(first)).size).toBe(4);
  });

  it('shows a group with its checks and the load balancer that uses it', async () => {
    const stage = await open();
    const ask = () => stage.run('DescribeTargetGroups', { TargetGroupArns: [stage.blue] });
    expect(ask()).toMatchObject({
      TargetGroups: [{ HealthCheckIntervalSeconds: 5, HealthCheckPath: '/', Matcher: { HttpCode: '200' }, LoadBalancerArns: [] }],
    });
    stage.weigh(0, 1);
    expect(ask()).toMatchObject({ TargetGroups: [{ LoadBalancerArns: [stage.balancer] }] });
  });

  it.each([
    [{ balancer: { Type: 'gateway' } }, 'gateway'],
    [{ balancer: { Typo: 1 } }, 'Typo'],
    [{ balancer: { LoadBalancerAttributes: [{ Key: 'waf.fail_open.enabled', Value: 'true' }] } }, 'waf.fail_open.enabled'],
    [{ balancer: { LoadBalancerAttributes: [{ Key: 'access_logs.s3.enabled', Value: 'true' }] } }, 'access_logs.s3.bucket'],
    [{ group: { TargetType: 'ip' } }, 'ip'],
    [{ group: { Targets: [{ Id: 'i-1' }] } }, 'Targets'],
    [{ group: { HealthCheckIntervalSeconds: 2 } }, 'between 5 and 300'],
    [{ group: { HealthCheckTimeoutSeconds: 5 } }, 'less than its interval'],
    [
      { group: { TargetGroupAttributes: [{ Key: 'stickiness.enabled', Value: 'true' }] } },
      'stickiness.enabled can only be false',
    ],
    [{ listener: { Protocol: 'HTTPS' } }, 'HTTPS'],
    [{ listener: { DefaultActions: [{ Type: 'redirect' }] } }, 'redirect'],
  ])('is refused by name: %j', async (options, why) => {
    await expect(open(options)).rejects.toThrow(why);
  });
});
