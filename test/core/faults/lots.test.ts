/** Lots that were named before they were run: their class, and one fingerprint for one failure. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../core/faults/classify.ts';
import type { Crash, EndFacts } from '../../../core/faults/fault.ts';
import { LOT_BENIGN } from './lot-benign.ts';
import { LOT_GUESTS } from './lot-guests.ts';
import { LOT_LINUX } from './lot-linux.ts';
import { LOT_RUNTIMES } from './lot-runtimes.ts';
import { LOT_SERVERS } from './lot-servers.ts';

const LOT = [...LOT_SERVERS, ...LOT_RUNTIMES, ...LOT_LINUX, ...LOT_GUESTS, ...LOT_BENIGN];
const OFF: EndFacts = { state: 'stopped', stateReason: 'Client.InstanceInitiatedShutdown', wasHealthy: true };
const of = (text: string, end: Partial<EndFacts> = {}): Crash =>
  classify({ console: new TextEncoder().encode(text), end: { ...OFF, ...end } });

describe('a console of a lot', () => {
  it.each(LOT)('of $name is $is', ({ is, text, end, same = [], differs = [] }) => {
    const crash = of(text, end);
    expect(is).toContain(crash.crashClass);
    for (const other of same) expect(of(other, end).fingerprint, other.slice(-200)).toBe(crash.fingerprint);
    for (const other of differs) expect(of(other, end).fingerprint, other.slice(-200)).not.toBe(crash.fingerprint);
  });
});
