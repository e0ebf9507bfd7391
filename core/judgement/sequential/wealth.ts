/**
 * A test by betting. Each alternative has a wealth that starts below 1 and, while the release is fine, can be expected
 * never to grow. Their mean, the evidence E, is then above 1/a at any time with a chance of at most a (Ville), so it may be
 * looked at after every interval. https://arxiv.org/abs/2210.01948
 *
 * A fault that begins late would first have to win back what was lost before it. So most of the stake is put down at the
 * beginning and the rest little by little: the evidence is a mixture over the time at which a fault begins.
 */
export type Wealth = readonly number[];

/** Bets of the watched group as a whole, and with each of its nodes left out. Logarithms. */
export interface Panel {
  readonly all: Wealth;
  readonly without: Readonly<Record<string, Wealth>>;
}

const AT_THE_BEGINNING = 0.7;
const PATIENCE = 20;
/** e^60 is certain enough, and further growth would overflow. */
const MOST = 60;

/** The share of the stake that is not yet put down after so many bets. */
const kept = (bets: number) => ((1 - AT_THE_BEGINNING) * PATIENCE) / (PATIENCE + bets);

export const openWealth = (alternatives: number): Wealth =>
  Array.from({ length: alternatives }, () => Math.log(AT_THE_BEGINNING));

export const openPanel = (alternatives: number): Panel => ({ all: openWealth(alternatives), without: {} });

/** `gains`: logarithm of what each alternative wins. `bets`: how many there were before this one. */
export function bet(wealth: Wealth, gains: readonly number[], bets: number): Wealth {
  const fresh = Math.log(kept(bets) - kept(bets + 1));
  return wealth.map((one, index) => roundDown(Math.min(MOST, addLogs(one, fresh) + (gains[index] ?? 0))));
}

/** A node that was not there before has cost or won nothing so far: without it, all is as it is with it. */
export function betPanel(
  panel: Panel,
  nodes: readonly string[],
  gains: (left?: string) => readonly number[],
  bets: number,
): Panel {
  return {
    all: bet(panel.all, gains(), bets),
    without: Object.fromEntries(nodes.map((id) => [id, bet(panel.without[id] ?? panel.all, gains(id), bets)])),
  };
}

export function evidence(wealth: Wealth, bets: number): number {
  const sum = wealth.reduce((total, one) => total + Math.exp(one), 0);
  return sum / wealth.length + kept(bets);
}

/** Down, so that what is lost in writing the state is never evidence won; five digits keep the state small. */
const roundDown = (value: number) => Math.floor(value * 1e5) / 1e5;

function addLogs(one: number, other: number): number {
  const larger = Math.max(one, other);
  return larger + Math.log1p(Math.exp(Math.min(one, other) - larger));
}
