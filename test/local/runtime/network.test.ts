/** Two accounts on one machine, each with load balancers and instances of its own. */
import { get } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { openRuntime } from '../../../local/runtime.ts';
import { assemblyWith } from '../../scenarios/app/assembly.ts';

async function openIn(network: number): Promise<string> {
  const runtime = await openRuntime({ mode: 'live', seed: 1, assembly: assemblyWith(['shop']), network });
  onTestFinished(() => runtime.stop());
  const { api } = runtime.account.composed;
  type Balancers = { LoadBalancers: { DNSName: string; LoadBalancerArn: string }[] };
  const { LoadBalancers } = (await api.call('elasticloadbalancing', 'DescribeLoadBalancers', {})) as Balancers;
  const [{ DNSName, LoadBalancerArn }] = LoadBalancers as [Balancers['LoadBalancers'][number]];
  type Listeners = { Listeners: { Port: number }[] };
  const { Listeners } = (await api.call('elasticloadbalancing', 'DescribeListeners', { LoadBalancerArn })) as Listeners;
  return `http://${DNSName}:${Listeners[0]!.Port}`;
}

const statusOf = (url: string) =>
  new Promise<number | undefined>((answered, failed) => {
    get(url, (response) => answered(response.resume().statusCode)).on('error', failed);
  });

it('two accounts run side by side in networks of their own', { timeout: 120_000 }, async () => {
  const [one, other] = await Promise.all([openIn(11), openIn(12)]);
  expect([one, other]).toEqual([expect.stringContaining('127.22.1.1'), expect.stringContaining('127.24.1.1')]);
  expect(await Promise.all([statusOf(one), statusOf(other)])).toEqual([503, 503]);
});
