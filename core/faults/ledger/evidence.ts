/**
 * Is it the release? Bets against "this release fails as those before it did". Time is counted in the faults that were to
 * be expected meanwhile, so fleets of any size, and releases of any age, are held to the same.
 *
 * `evidence` is for a release that is bad from its beginning: while it is fine, the chance that this ever reaches 1/a is at
 * most a (Ville), however often it is looked at. `unrest` is for one that turns bad late: it adds up, from every instant at
 * which that may have begun, what was won since (Shiryaev and Roberts), and while all is well it takes on average as long
 * as `c` expected faults to reach c. https://arxiv.org/abs/2203.03532
 *
 * Every bet is on more faults, never on fewer: another fault never makes the evidence smaller, nor the unrest but for the
 * two minutes by which it may begin an incident sooner. One that is told late may, if it is the first of its fingerprint:
 * that had longer to come again.
 */
import { incidentsIn, placesIn } from './incidents.ts';
import type { Ledger, Mark, Tally } from './ledger.ts';
import { hoursOf, marksOf, tallyOf } from './ledger.ts';

/** Times as many faults as expected. */
const RATES = [1.5, 2, 3, 5, 10, 30, 100];
/** And one particular fault that nobody has seen before. Others between and beyond find it no sooner. */
const RECURRENCES = [30, 80];
/** How many of the faults there were before are one and the same. */
const RECURRING = 1 / 30;
/** What is bet on each. */
const SHARES = { rate: 0.35, recurrence: 0.65 };
/** Half of that is bet on fingerprints that come before so many faults were to be expected: what is bad shows soon. */
const SOON = 0.75;
/** e^60 is certain enough, and further growth would overflow. */
const MOST = 60;

export interface Strength {
  readonly evidence: number;
  readonly unrest: number;
}

/** What is known of one release. Times in expected faults. */
interface Case {
  readonly until: number;
  /** Of each incident that is still in the ledger. */
  readonly times: readonly number[];
  readonly since: number;
  readonly older: number;
  readonly prints: readonly Print[];
  /** Of one fingerprint, for each fault that is allowed. */
  readonly recurring: number;
}

/** A fingerprint that is new with the release. */
interface Print {
  readonly since: number;
  readonly places: number;
}

/** `left`: a slot whose faults do not count, save where another has failed as it has: that is not its own affair. */
export function strengthOf(ledger: Ledger, tally: Tally, left?: string): Strength {
  const one = toCase(ledger, tally, left);
  return { evidence: evidenceOf(one), unrest: unrestOf(one) };
}

function toCase(ledger: Ledger, tally: Tally, left: string | undefined): Case {
  const expected = (hours: number) => tally.reference * hours;
  const marks = marksOf(ledger, tally.version);
  const times = incidentsIn(marks.filter(({ slot }) => slot !== left))
    .map(({ hours }) => expected(hours))
    .sort((a, b) => a - b);
  const prints = newPrints(ledger, tally, marks)
    .filter((alike) => alike.some(({ slot }) => slot !== left))
    .map((alike) => ({ since: expected(Math.min(...alike.map(({ hours }) => hours))), places: placesIn(alike) }));
  const { older, reference, usual = reference } = tally;
  const recurring = (RECURRING * usual) / reference;
  return { until: expected(hoursOf(tally)), times, since: older === 0 ? 0 : (times[0] ?? 0), older, prints, recurring };
}

/** Faults of the release that nobody has seen before it, those alike together. */
function newPrints(ledger: Ledger, tally: Tally, marks: readonly Mark[]): readonly (readonly Mark[])[] {
  const found = new Map<string, Mark[]>();
  for (const mark of marks) if (mark.isClear) found.set(mark.print, [...(found.get(mark.print) ?? []), mark]);
  return [...found].filter(([print]) => !isKnown(ledger, tally, print)).map(([, alike]) => alike);
}

/** Seen before the release was, and not of one that was accused. */
export function isKnown(ledger: Ledger, { version, openedAt }: Tally, print: string): boolean {
  const isEarlier = (one: { readonly print: string; readonly at: number }) => one.print === print && one.at < openedAt;
  const isFine = (other: string) => tallyOf(ledger, other)?.accusedAt === undefined;
  return (
    ledger.past.prints.some(isEarlier) ||
    ledger.marks.some((one) => one.version !== version && isEarlier(one) && isFine(one.version))
  );
}

/** What a bet on `kappa` times as many is worth after so many, where `expected` were to be expected. */
const worth = (kappa: number, count: number, expected: number) => count * Math.log(kappa) - (kappa - 1) * expected;

const meanOf = (logs: readonly number[]): number =>
  logs.reduce((sum, one) => sum + Math.exp(Math.min(MOST, one)), 0) / Math.max(1, logs.length);

function evidenceOf(one: Case): number {
  const { until, times, older, prints } = one;
  const rate = meanOf(RATES.map((kappa) => worth(kappa, older + times.length, until)));
  const recurrence = prints.reduce((sum, print) => sum + stakeOn(print) * worthOf(print, one), 0);
  return SHARES.rate * rate + SHARES.recurrence * recurrence;
}

/** Of what comes no oftener than faults do, and earlier is staked more on: together it is no more than 1 in the mean. */
const stakeOn = ({ since }: Print): number => 1 / SOON / (1 + since / SOON) ** 2;

/** A new fingerprint opens a bet that it will come again. */
const worthOf = ({ since, places }: Print, { until, recurring }: Case): number =>
  meanOf(RECURRENCES.map((kappa) => worth(kappa, places - 1, recurring * Math.max(0, until - since))));

const unrestOf = (one: Case): number => (unrestOfRate(one) + unrestOfPrints(one)) / 2;

function unrestOfRate({ until, times, since }: Case): number {
  const each = RATES.map((kappa) => {
    const loss = kappa - 1;
    let [sum, at] = [0, since];
    const pass = (to: number) => {
      const kept = Math.exp(-loss * Math.max(0, to - at));
      sum = sum * kept + (1 - kept) / loss;
      at = Math.max(at, to);
    };
    for (const time of times) {
      pass(time);
      sum = Math.min(Math.exp(MOST), sum * kappa);
    }
    pass(until);
    return sum;
  });
  return each.reduce((sum, one) => sum + one, 0) / each.length;
}

const unrestOfPrints = (one: Case): number => one.prints.reduce((sum, print) => sum + worthOf(print, one), 0);
