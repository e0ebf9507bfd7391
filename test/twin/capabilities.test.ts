/** The names and numbers of capabilities, against the kernel's own header (linux-libc-dev, which libc6-dev brings). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CAPABILITIES, capabilityMask } from '../../twin/capabilities.ts';

describe('capabilities', () => {
  it('have the names and the numbers that the kernel gives them', () => {
    const header = readFileSync('/usr/include/linux/capability.h', 'utf8');
    const known = [...header.matchAll(/^#define (CAP_\w+)\s+(\d+)$/gm)].map(([, name = '', number]) => [name, Number(number)]);
    expect(known.length).toBeGreaterThanOrEqual(41);
    expect(CAPABILITIES.map((name, number) => [name, number])).toEqual(known.slice(0, CAPABILITIES.length));
  });

  it('are told to the guest as the kernel shows them, also those beyond the 32nd', () => {
    expect(capabilityMask([])).toBe('0000000000000000');
    expect(capabilityMask(['CAP_CHOWN', 'CAP_CHECKPOINT_RESTORE'])).toBe('0000010000000001');
  });
});
