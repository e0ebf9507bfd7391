/** Consoles whose class was said by somebody who had not read the rules: what was right at first is in docs/remediation.md. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../core/faults/classify.ts';
import { readLot } from './blind.ts';

const LOT = [...readLot('first'), ...readLot('second')];

/** Systemd says the same of every helper that ends in order: of a machine that is off it is no proof. */
const LEFT: Readonly<Record<string, string>> = { 'exits-zero-says-so': 'unknown' };

describe('a console of a blind lot', () => {
  it('is read with its name and its label, every one', () => {
    expect(LOT).toHaveLength(215);
    expect(new Set(LOT.map(({ name }) => name)).size).toBe(LOT.length);
  });

  it.each(LOT)('of $name is $is', ({ name, is, facts }) => {
    expect(classify(facts).crashClass).toBe(LEFT[name] ?? is);
  });

  const compared = LOT.filter(({ failure }) => failure !== undefined);
  const pairs = compared.flatMap((one, index) =>
    compared.slice(index + 1).flatMap((other) => (other.failure === one.failure ? [{ one, other }] : [])),
  );
  it.each(pairs)('has one fingerprint for one failure: $one.name and $other.name', ({ one, other }) => {
    const [first, second] = [classify(one.facts).fingerprint, classify(other.facts).fingerprint];
    if (one.which === other.which) expect(second).toBe(first);
    else expect(second).not.toBe(first);
  });
});
