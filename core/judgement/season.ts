/** What a watch that is over tells of its service, whatever came of the release. Pure. */
import { type Season, seasonId, type Shift } from './history.ts';
import type { JudgementRecord, OwnCounts } from './judgement.ts';
import { rateOf, sumOf, type Tally } from './sequential/counts.ts';
import { dispersionOf } from './sequential/dispersion.ts';
import { dispersionFor, tally } from './sequential/state.ts';

type Told = Omit<Season, 'crashes' | 'nodeHours' | 'isGood' | 'at' | 'isPassed'>;

export function seasonOf(record: JudgementRecord): Told {
  const { state, version } = record;
  const errors = (totals: JudgementRecord['state']['watched']) =>
    tally(totals, (node) => ({ events: node.errors, exposure: node.requests }));
  const [watched, reference] = [errors(state.watched), errors(state.reference)];
  const spread = dispersionOf(dispersionFor(state, 'errors'));
  // A bad node of the new release is no likeness.
  const isLike = state.quarantined.length === 0;
  const [ownErrors, errorShift] = [
    halvesOf(record.besideNodes, spread),
    isLike ? shiftOf(watched, reference, spread) : undefined,
  ];
  const latencyShift = isLike ? meanOf(record.medians) : undefined;
  return {
    ...{ id: seasonId(record), version, requests: reference.exposure, errors: reference.events },
    dispersion: withoutLast(state.dispersion),
    spreads: isLike ? withoutLast(record.spreads) : {},
    ...(ownErrors && { ownErrors }),
    ...(errorShift && { errorShift }),
    ...(latencyShift && { latencyShift }),
  };
}

const withoutLast = (known: JudgementRecord['spreads']) =>
  Object.fromEntries(Object.entries(known).map(([test, { chiSquare, degrees }]) => [test, { chiSquare, degrees }]));

const FEWEST_EVENTS = 5;

function shiftOf(one: Tally, other: Tally, spread: number): Shift | undefined {
  if (one.events < FEWEST_EVENTS || other.events < FEWEST_EVENTS) return undefined;
  const log = Math.log(rateOf(one)) - Math.log(rateOf(other));
  return rounded({ log, variance: spread * (1 / one.events + 1 / other.events) });
}

/** Halves of a group differ by the root of two more than groups of its size do. */
function halvesOf(nodes: JudgementRecord['besideNodes'], spread: number): Shift | undefined {
  const own = Object.entries(nodes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (own.length < 2) return undefined;
  const half = (parity: number) => sumOfNodes(own.flatMap(([, counts], index) => (index % 2 === parity ? [counts] : [])));
  const shift = shiftOf(half(0), half(1), spread);
  return shift && rounded({ log: shift.log / Math.SQRT2, variance: shift.variance / 2 });
}

const sumOfNodes = (nodes: readonly OwnCounts[]): Tally => ({
  events: sumOf(nodes, ({ errors }) => errors),
  exposure: sumOf(nodes, ({ requests }) => requests),
});

const FEWEST_MINUTES = 5;
/** Of a mean of logarithms of medians, however many minutes agree. */
const LEAST_VARIANCE = 1e-5;

function meanOf({ samples, sum, squares }: JudgementRecord['medians']): Shift | undefined {
  if (samples < FEWEST_MINUTES) return undefined;
  const log = sum / samples;
  return rounded({ log, variance: Math.max(LEAST_VARIANCE, (squares / samples - log ** 2) / samples) });
}

const rounded = ({ log, variance }: Shift): Shift => ({ log: Number(log.toFixed(6)), variance: Number(variance.toPrecision(4)) });
