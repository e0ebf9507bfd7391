import { takePage } from '../../../kernel/page.ts';

/** ELB's paging: Marker in, NextMarker out. */
export function page<Thing>(
  things: readonly Thing[],
  { Marker, PageSize = 400 }: { readonly Marker?: string; readonly PageSize?: number },
): { readonly things: Thing[]; readonly NextMarker?: string } {
  const { items, next } = takePage(things, { size: PageSize, token: Marker, badToken: 'ValidationError' });
  return { things: items, NextMarker: next };
}
