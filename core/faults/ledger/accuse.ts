import type { Strength } from './evidence.ts';
import { strengthOf } from './evidence.ts';
import type { Ledger, Tally } from './ledger.ts';
import { hoursOf, marksOf, slotsOf } from './ledger.ts';
import { LEAST_SLOTS } from './scan.ts';

/** A fine release is accused once in a hundred, whatever its age; */
const EVIDENCE = 100;
/** and one that goes on and on, once in as long as 650 faults are expected: 90 days of 200 nodes that lose one in five hours. */
const UNREST = 650;
/** With any one slot left out. So one bad place alone is no reason, in 19 of 20. */
const WITHOUT_SLOT = 1 / 5;

/** Why the release is at fault, or undefined. */
export function accuse(ledger: Ledger, tally: Tally): string | undefined {
  const slots = slotsOf(marksOf(ledger, tally.version));
  if (slots.size < LEAST_SLOTS) return undefined;
  const reaches = (share: number, { evidence, unrest }: Strength) => ({
    evidence: evidence >= EVIDENCE * share,
    unrest: unrest >= UNREST * share,
  });
  const all = reaches(1, strengthOf(ledger, tally));
  if (!all.evidence && !all.unrest) return undefined;
  const without = [...slots].map((slot) => reaches(WITHOUT_SLOT, strengthOf(ledger, tally, slot)));
  const isSo =
    (all.evidence && without.every(({ evidence }) => evidence)) || (all.unrest && without.every(({ unrest }) => unrest));
  return isSo ? say(ledger, tally, slots.size) : undefined;
}

function say(ledger: Ledger, tally: Tally, slots: number): string {
  const { version } = tally;
  const count = tally.older + marksOf(ledger, version).length;
  const expected = tally.reference * hoursOf(tally);
  return `${count} faults of ${version} in ${slots} places, where up to ${few(expected)} would be no surprise`;
}

const few = (value: number) => (value < 10 ? value.toPrecision(1) : String(Math.round(value)));
