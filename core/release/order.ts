import { orderRefused, releaseUnknown } from '../errors.ts';
import { changeRelease, changeService } from './change-record.ts';
import { planOrder, withOrder } from './plan-order.ts';
import type { Clock, Executions, Notices, Records } from './ports.ts';
import type { Order, OrderKind, ReleaseRecord } from './release.ts';
import { isFinal, newService, releaseName, withTransition } from './release.ts';
import { tell } from './tell.ts';

export interface OrderPorts {
  readonly records: Records;
  readonly executions: Executions;
  readonly notices: Notices;
  readonly clock: Clock;
}

export interface OrderInput {
  readonly service: string;
  readonly version: string;
  readonly intent: OrderKind;
  readonly by: string;
  readonly why: string;
}

export interface OrderAnswer {
  readonly kind: 'ordered';
  readonly why: string;
}

/** An abort is written, and its rollback started, in this call: it waits for no poll and for no other order. */
export async function order(ports: OrderPorts, input: OrderInput): Promise<OrderAnswer> {
  const given: Order = { kind: input.intent, by: input.by, why: input.why, at: ports.clock.now() };
  const name = releaseName(input.service, input.version);
  const record = (await ports.records.findService(input.service)) ?? newService(input.service);
  const found = await ports.records.findRelease(input.service, input.version);
  if (!found) throw releaseUnknown(name);

  if (planOrder(record, found, given).kind === 'withdraw') return withdraw(ports, found, given);
  let why = '';
  const release = await changeRelease(ports.records, input, (now) => {
    const plan = planOrder(record, now, given);
    if (plan.kind === 'refuse') throw orderRefused(name, given.kind, plan.why);
    why = plan.why;
    return plan.kind === 'set' ? plan.release : undefined;
  });
  // Also when it was ordered before: the first call may have ended between the two writes. One without a fence is just
  // being started; its first step finds the intent.
  if (release.intent?.kind === 'abort' && release.fence > 0)
    await ports.executions.startRollback({ ...input, fence: release.fence }, abortedBy(release));
  return { kind: 'ordered', why: `${name}: ${why}` };
}

const abortedBy = ({ intent }: ReleaseRecord) => `aborted by ${intent?.by ?? 'an operator'}: ${intent?.why ?? 'no reason given'}`;

/** It ends first and leaves the line second: a start that comes between finds it ended and passes it over. */
async function withdraw(ports: OrderPorts, found: ReleaseRecord, given: Order): Promise<OrderAnswer> {
  const why = `aborted by ${given.by} before it started: ${given.why}`;
  const release = await changeRelease(ports.records, found, (now) => {
    if (isFinal(now)) return undefined;
    if (now.stage !== 'received' || now.fence > 0) {
      throw orderRefused(releaseName(now.service, now.version), given.kind, 'it has just started. Order it again');
    }
    const ended = withTransition(now, 'refused', { at: given.at, why, by: given.by });
    return { ...ended, orders: withOrder(now, given) };
  });
  await changeService(ports.records, release.service, (now) =>
    now.queue.includes(release.version)
      ? { ...now, queue: now.queue.filter((version) => version !== release.version) }
      : undefined,
  );
  await tell(ports, release);
  return { kind: 'ordered', why };
}
