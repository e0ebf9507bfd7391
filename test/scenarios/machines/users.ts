/** Users of one service: without requests there is no verdict on it. */
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { setTimeout as sleep } from 'node:timers/promises';
import { configOf, factsOf } from './live-account.ts';
import type { LiveAccount } from './live-account.ts';

const PAUSE_MS = 100;

export async function usersOf(live: LiveAccount, service: string): Promise<{ stop(): Promise<void> }> {
  type Facts = { resources: { listener: string; metrics: { loadBalancer: string } } };
  const { resources } = await factsOf<Facts>(live, `/tandem/services/${service}`);
  const elb = new ElasticLoadBalancingV2Client(configOf(live));
  const Names = [resources.metrics.loadBalancer.split('/')[1]!];
  const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names }));
  const { Listeners } = await elb.send(new DescribeListenersCommand({ ListenerArns: [resources.listener] }));
  const url = `http://${LoadBalancers![0]!.DNSName!}:${Listeners![0]!.Port!}/`;

  const stopping = new AbortController();
  const asking = (async () => {
    while (!stopping.signal.aborted) {
      // Until something serves they are answered 503, and go on.
      await fetch(url, { signal: AbortSignal.timeout(5_000) })
        .then((answer) => answer.text())
        .catch(() => undefined);
      await sleep(PAUSE_MS);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await asking;
    },
  };
}
