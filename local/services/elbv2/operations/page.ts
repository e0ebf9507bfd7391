import { invalid } from '../core/errors.ts';

/** ELB's paging: Marker in, NextMarker out. */
export function page<Thing>(
  things: readonly Thing[],
  { Marker, PageSize = 400 }: { readonly Marker?: string; readonly PageSize?: number },
) {
  const from = Number(Marker ?? 0);
  if (!Number.isSafeInteger(from) || from < 0) throw invalid(`The marker '${String(Marker)}' is not one of ours`);
  const to = from + PageSize;
  return { things: things.slice(from, to), ...(to < things.length && { NextMarker: String(to) }) };
}
