import type { Records } from '../release/ports.ts';
import type { Weights } from '../release/release.ts';
import { NO_WEIGHTS } from '../release/release.ts';
import type { Service } from '../service/service.ts';
import { GROUPS } from '../service/service.ts';
import { effectiveWeights } from './dark-groups.ts';
import type { Traffic } from './ports.ts';

const MOST_WRITES = 5;

export const isSameWeights = (a: Weights, b: Weights) => isSameRule(a.main, b.main) && isSameRule(a.beta, b.beta);

/** A group that is alone has all requests, whatever number stands beside it. */
function isSameRule(a: Weights['main'], b: Weights['main']): boolean {
  const [ofA, ofB] = [weighted(a), weighted(b)];
  if (ofA.length === 1 && ofB.length === 1) return ofA[0] === ofB[0];
  return GROUPS.every((group) => (a[group] ?? 0) === (b[group] ?? 0));
}

const weighted = (rule: Weights['main']) => GROUPS.filter((group) => (rule[group] ?? 0) > 0);

/**
 * Makes the load balancer say what the record says, and answers what that was. The record is read again after the write:
 * a slow writer that was overtaken (by a rollback, say) so puts right what it has just undone.
 */
export async function assertWeights(ports: { records: Records; traffic: Traffic }, service: Service): Promise<Weights> {
  let wanted = await recorded(ports.records, service);
  for (let writes = 0; writes < MOST_WRITES; writes++) {
    await ports.traffic.write(service, wanted);
    const now = await recorded(ports.records, service);
    if (isSameWeights(now, wanted)) return wanted;
    wanted = now;
  }
  return wanted;
}

async function recorded(records: Records, service: Service): Promise<Weights> {
  const record = await records.findService(service.file.name);
  return record ? effectiveWeights(record) : NO_WEIGHTS;
}
