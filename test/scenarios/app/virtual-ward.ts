/** Deaths on the `virtual` driver: no process dies, and hours pass in seconds. */
import type { VirtualBlow } from '../../../local/kernel/ports.ts';
import { Account } from './account.ts';
import { CLASSES, Deathbed } from './deaths.ts';
import type { Ward, Way } from './deaths.ts';
import { failed } from './users.ts';

const BLOWS = {
  'power-off': { kind: 'power-off', console: 'assertion ready failed at main.c:12\n' },
  crash: { kind: 'crash' },
  hang: { kind: 'hang' },
  sicken: { kind: 'sicken' },
  reset: { kind: 'reset' },
} as const satisfies Partial<Record<Way, VirtualBlow>>;

/** Opened accounts stay in memory with the functions they imported: one is opened, not one for each death. */
export async function openVirtualWard() {
  const account = await Account.open(['shop']);
  const users = await account.users('shop', { perSecond: 4 });
  const ward: Ward = {
    account,
    service: 'shop',
    nodes: 3,
    classes: CLASSES,
    async strike(instanceId, way) {
      if (way === 'terminate') await account.call('ec2:TerminateInstances', { InstanceIds: [instanceId] });
      else await account.strike(instanceId, BLOWS[way]);
    },
    failedRequests: (since) => failed(users.between(since)),
  };
  return { beds: [() => Deathbed.open(ward)], close: () => account.stop() };
}
