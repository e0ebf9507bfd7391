/** How many nodes there were, and for how long, from what the table knows of the slots. */
import type { Slot } from '../../fleet/fleet.ts';
import type { Build } from '../../service/service.ts';
import type { Stratum } from './ledger.ts';

/** Node-hours since the ledger was last brought up to date, and the nodes there are at the end. */
export interface Exposure extends Stratum {
  readonly hours: number;
}

const HOUR_MS = 3_600_000;

interface Span {
  readonly build: Build;
  readonly from: number;
  readonly to: number;
}

/** In (`from`, `to`]. */
export function exposureOf(slots: readonly Slot[], from: number, to: number): readonly Exposure[] {
  const found = new Map<string, Exposure>();
  for (const slot of slots)
    for (const span of spansOf(slot, to)) {
      const { version, zone } = slot;
      const { build } = span;
      const key = `${version} ${build} ${zone}`;
      const { nodes, hours } = found.get(key) ?? { nodes: 0, hours: 0 };
      const isThere = span.from <= to && span.to > to;
      const lasted = Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)) / HOUR_MS;
      found.set(key, { version, build, zone, nodes: nodes + (isThere ? 1 : 0), hours: hours + lasted });
    }
  return [...found.values()];
}

/**
 * A slot counts from the first time its node was healthy until it is retired. That a successor takes a minute or two to
 * serve is not taken off, which makes the ledger slower to accuse by as much.
 */
function spansOf(slot: Slot, now: number): readonly Span[] {
  const { attempt, healthyAt, recordedAt, retiringSince, build, twin } = slot;
  const from = attempt > 1 ? recordedAt : healthyAt;
  const isOver = slot.state === 'retiring' || slot.state === 'gone';
  if (from === undefined || (isOver && retiringSince === undefined)) return [];
  const to = isOver ? (retiringSince ?? now) : Infinity;
  if (!twin) return [{ build, from, to }];
  return [
    { build, from, to: Math.min(twin.at, to) },
    { build: 'linux', from: twin.at, to },
  ].filter((span): span is Span => span.to > span.from);
}
