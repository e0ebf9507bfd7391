/**
 * How much more counts vary than chance alone would have them: Pearson's chi-square between the reference's nodes in one
 * interval, or, where nodes are not known, between neighbouring intervals. Learnt from the reference only: nothing the
 * watched group does can make its judge deafer.
 */
import { sumOf, type Tally } from './counts.ts';

export interface Dispersion {
  readonly chiSquare: number;
  readonly degrees: number;
  /** The interval before, where only the group is known. */
  readonly last?: Tally;
}

export const NO_DISPERSION: Dispersion = { chiSquare: 0, degrees: 0 };

/** Pulled towards 1 until there is enough to go by. */
const PRIOR_DEGREES = 4;
/** A shared shock between two neighbouring minutes is no dispersion; it may count as a large one. */
const MOST_BETWEEN_INTERVALS = 9;

export const dispersionOf = ({ chiSquare, degrees }: Dispersion) =>
  Math.max(1, (chiSquare + PRIOR_DEGREES) / (degrees + PRIOR_DEGREES));

/** `most`: what the difference between two intervals counts at most, where nodes are not known. */
export function learnDispersion(known: Dispersion, nodes: readonly Tally[], most = MOST_BETWEEN_INTERVALS): Dispersion {
  const counted = nodes.filter(({ exposure }) => exposure > 0);
  const [first] = counted;
  if (first === undefined) return known;
  if (counted.length > 1) return addCells(known, counted, Infinity);
  const pair = known.last === undefined ? [] : [known.last, first];
  return { ...addCells(known, pair, most), last: first };
}

/** Cells in which next to nothing is expected say little, and are weighted down. */
function addCells(known: Dispersion, cells: readonly Tally[], most: number): Dispersion {
  const exposure = sumOf(cells, (cell) => cell.exposure);
  const rate = exposure === 0 ? 0 : sumOf(cells, (cell) => cell.events) / exposure;
  if (rate <= 0 || rate >= 1) return known;
  const parts = cells.map((cell) => {
    const mean = cell.exposure * rate;
    const weight = Math.min(1, mean / 4);
    return { weight, chiSquare: (weight * (cell.events - mean) ** 2) / (mean * (1 - rate)) };
  });
  const freedom = (cells.length - 1) / cells.length;
  const fresh = Math.min(
    most,
    sumOf(parts, (part) => part.chiSquare),
  );
  return {
    ...known,
    chiSquare: round(known.chiSquare + fresh),
    degrees: round(known.degrees + sumOf(parts, (part) => part.weight) * freedom),
  };
}

const round = (value: number) => Math.round(value * 1e4) / 1e4;
