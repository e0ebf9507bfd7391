/** Intervals as they came about, each once: a recording may have them in another order, or one of them twice. Pure. */
import { badTrace, show } from './read-json.ts';
import { TRACE_GROUPS, type TraceInterval } from './trace.ts';

export function inOrder(data: readonly TraceInterval[]): readonly TraceInterval[] {
  const odd = data.findIndex(({ t }) => typeof t !== typeof data[0]?.t);
  if (odd >= 0)
    badTrace(
      `data[${odd}].t is ${show(data[odd]?.t)} and data[0].t is ${show(data[0]?.t)}: give all as numbers, or all as texts`,
    );
  const known = new Map<TraceInterval['t'], { readonly one: TraceInterval; readonly index: number }>();
  data.forEach((one, index) => {
    const before = known.get(one.t);
    if (before === undefined) known.set(one.t, { one, index });
    else known.set(one.t, { ...before, one: merge(before.one, one, `data[${before.index}] and data[${index}]`) });
  });
  const once = [...known.values()].map(({ one }) => one);
  const times = once.map(({ t }) => timeOf(t));
  // Texts that are no times are names, and stand in the order of the list.
  if (times.some((at) => Number.isNaN(at))) return once;
  return once
    .map((one, index) => ({ one, at: times[index] ?? 0 }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

function timeOf(t: number | string): number {
  const value = Number(t);
  return typeof t === 'string' && Number.isNaN(value) ? Date.parse(t) : value;
}

function merge(one: TraceInterval, other: TraceInterval, where: string): TraceInterval {
  for (const group of TRACE_GROUPS) {
    const [before, later] = [one[group], other[group]];
    if (before && later && JSON.stringify(before) !== JSON.stringify(later))
      badTrace(`${where} have the same t, ${show(one.t)}, and other counts of ${group}: give each interval once`);
  }
  return { ...one, ...other };
}
