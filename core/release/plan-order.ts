import { unreachable } from '../errors.ts';
import type { Order, ReleaseRecord, ServiceRecord, Stage } from './release.ts';
import { isFinal, releaseName } from './release.ts';

/** A script that pauses and resumes for weeks must not fill the record. */
const MOST_ORDERS = 100;

/** What was ordered, with who and why, the newest last. */
export const withOrder = ({ orders }: ReleaseRecord, order: Order): readonly Order[] => [...orders, order].slice(-MOST_ORDERS);

/** set: write `release`, and start the rollback if it `undoes` · withdraw: it never started, so it is refused instead. */
export type OrderPlan =
  | { readonly kind: 'set'; readonly release: ReleaseRecord; readonly undoes: boolean; readonly why: string }
  | { readonly kind: 'already' | 'withdraw' | 'refuse'; readonly why: string };

const BEFORE_WARM: readonly Stage[] = ['received', 'baking', 'canary', 'debut', 'promoting'];

export function planOrder(record: ServiceRecord, release: ReleaseRecord, order: Order): OrderPlan {
  const name = releaseName(release.service, release.version);
  const isInFlight = record.inFlight === release.version;
  if (isFinal(release))
    return { kind: 'refuse', why: `it is ${release.stage} already. Upload a new version to change what runs` };
  if (!isInFlight && order.kind === 'abort') return { kind: 'withdraw', why: `${name} will not start: ${order.why}` };
  if (!isInFlight) return { kind: 'refuse', why: 'it has not started. Wait for it, or order "abort"' };
  if (release.stage === 'rolling-back') return { kind: 'refuse', why: 'it is being rolled back already' };
  if (release.committedAt !== undefined) {
    return { kind: 'refuse', why: 'the fleet it replaced is being retired. Upload the version you want as a new release' };
  }
  const stopped = release.intent?.kind === 'abort' || release.intent?.kind === 'supersede';
  if (stopped && order.kind !== 'abort') return { kind: 'refuse', why: `it is being stopped: ${release.intent.why}` };
  return orderInFlight(release, order);
}

function orderInFlight(release: ReleaseRecord, order: Order): OrderPlan {
  const { kind, ...said } = order;
  const set = (change: Partial<ReleaseRecord>, why: string, undoes = false): OrderPlan => ({
    kind: 'set',
    release: { ...release, ...change, orders: withOrder(release, order), changedAt: order.at },
    undoes,
    why,
  });
  switch (kind) {
    case 'abort':
      if (release.intent?.kind === 'abort') return { kind: 'already', why: 'it is being aborted already' };
      return set({ intent: { kind, ...said } }, 'it will be rolled back', true);
    case 'pause':
      if (release.paused) return { kind: 'already', why: 'it is paused already' };
      return set({ paused: true }, 'it stays in its stage until "resume"; a failing verdict still rolls it back');
    case 'resume':
      if (!release.paused) return { kind: 'already', why: 'it is not paused' };
      return set({ paused: false }, 'it goes on');
    case 'promote':
      return orderPromote(release, set, order);
    case 'finish':
      if (release.stage !== 'warm') return { kind: 'refuse', why: `it is ${release.stage}, and only a warm release is finished` };
      if (release.intent?.kind === 'finish') return { kind: 'already', why: 'its warm time is being ended already' };
      return set({ intent: { kind, ...said } }, 'its warm time ends at the next look');
    default:
      return unreachable(kind);
  }
}

function orderPromote(
  release: ReleaseRecord,
  set: (change: Partial<ReleaseRecord>, why: string) => OrderPlan,
  order: Order,
): OrderPlan {
  const { trouble, intent } = release;
  if (release.pinned?.file.promotion.gateHours === undefined && trouble === undefined) {
    return { kind: 'refuse', why: 'the service has no gate (promotion.gateHours): it is promoted without an order' };
  }
  if (!BEFORE_WARM.includes(release.stage)) return { kind: 'refuse', why: `it is ${release.stage}: promoted already` };
  // One that was given before the trouble was for the gate.
  if (intent?.kind === 'promote' && intent.at >= (trouble?.since ?? 0)) return { kind: 'already', why: 'it was ordered already' };
  const { by, why, at } = order;
  const meaning = trouble ? 'it goes on, though old and new fail alike' : 'its gate is open';
  return set({ intent: { kind: 'promote', by, why, at } }, meaning);
}
