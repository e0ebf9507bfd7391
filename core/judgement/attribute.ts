/**
 * Whose fault it is, by where it shows: {old, new} × {Linux, unikernel}. Pure. A cell with next to no requests says
 * nothing, neither for nor against.
 */
import { type Cell, CELLS } from './judgement.ts';
import { rateOf, type Tally } from './sequential/counts.ts';

export type Cause = 'code' | 'platform' | 'instrumentation' | 'environment';

export interface Attribution {
  readonly cause: Cause;
  readonly why: string;
}

export type Cells = Readonly<Partial<Record<Cell, Tally>>>;

const NAMES: Readonly<Record<Cell, string>> = {
  newLinux: 'new Linux',
  oldLinux: 'old Linux',
  newUnikernel: 'new unikernel',
  oldUnikernel: 'old unikernel',
};
const FEWEST_REQUESTS = 10;

/** A cell whose rate is above `bad` is bad. Undefined where none is. */
export function attribute(cells: Cells, bad: number): Attribution | undefined {
  const known = CELLS.flatMap((cell) => {
    const tally = cells[cell];
    return tally === undefined || tally.exposure < FEWEST_REQUESTS ? [] : [{ cell, tally, isBad: rateOf(tally) > bad }];
  });
  const ill = new Set(known.filter(({ isBad }) => isBad).map(({ cell }) => cell));
  const fine = new Set(known.filter(({ isBad }) => !isBad).map(({ cell }) => cell));
  if (ill.size === 0) return undefined;
  const why = known.map(({ cell, tally }) => `${NAMES[cell]} ${percent(rateOf(tally))}`).join(', ');
  return { cause: causeOf(ill, fine), why };
}

type Some = ReadonlySet<Cell>;

function causeOf(ill: Some, fine: Some): Cause {
  const has = (some: Some, ...cells: readonly Cell[]) => cells.some((cell) => some.has(cell));
  const isOld = has(ill, 'oldLinux', 'oldUnikernel');
  if (fine.size === 0) return isOld ? 'environment' : 'code';
  const onlyLinux = !has(ill, 'newUnikernel', 'oldUnikernel');
  if (onlyLinux) return has(ill, 'oldLinux') || has(fine, 'newUnikernel') ? 'instrumentation' : 'code';
  const onlyUnikernel = !has(ill, 'newLinux', 'oldLinux');
  if (onlyUnikernel) return has(ill, 'oldUnikernel') || has(fine, 'newLinux') ? 'platform' : 'code';
  return ill.has('newLinux') && ill.has('newUnikernel') ? 'code' : 'environment';
}

const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
