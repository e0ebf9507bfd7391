/** Lots that were named before they were run: their class, and one fingerprint for one failure. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../core/faults/classify.ts';
import type { Crash, EndFacts } from '../../../core/faults/fault.ts';
import { LOT_BENIGN } from './lot-benign.ts';
import { LOT_GUESTS } from './lot-guests.ts';
import { LOT_LINUX } from './lot-linux.ts';
import { LOT_RUNTIMES } from './lot-runtimes.ts';
import { LOT_SECOND } from './lot-second.ts';
import { LOT_SECOND_MACHINES } from './lot-second-machines.ts';
import { LOT_SERVERS } from './lot-servers.ts';
import { LOT_THIRD } from './lot-third.ts';

const LOT = [
  ...LOT_SERVERS,
  ...LOT_RUNTIMES,
  ...LOT_LINUX,
  ...LOT_GUESTS,
  ...LOT_BENIGN,
  ...LOT_SECOND,
  ...LOT_SECOND_MACHINES,
  ...LOT_THIRD,
];
const OFF: EndFacts = { state: 'stopped', stateReason: 'Client.InstanceInitiatedShutdown', wasHealthy: true };
const of = (text: string, end: Partial<EndFacts> = {}): Crash =>
  classify({ console: new TextEncoder().encode(text), end: { ...OFF, ...end } });

/** Another node, at another time: other processes, pages, clocks, dates and hosts. */
const elsewhere = (text: string): string =>
  text
    .replace(/(?<=\b(?:pid[=: ]|PID:? |process |tid |child |child pid |by tid ))\d+\b/g, '31313')
    .replace(/(?<=\b[a-z][a-z/-]+\[)\d+(?=\]:)/g, '4711')
    .replace(/\[ *\d+\.\d+\]/g, '[ 8642.975310]')
    .replace(/\b\d\d:\d\d:\d\d\b/g, '23:59:58')
    .replace(/\b2026-03-0\d\b/g, '2027-11-28')
    .replace(/\b(?:Mar|Mar ) ?0?1\b/g, 'Nov 28')
    .replace(/\b10\.0\.0\.\d+\b/g, '192.168.77.3')
    .replace(/\b0x[1-9a-f][0-9a-f]{8,}(?=[0-9a-f]{3}\b)/g, '0x7fabcdef0');

describe('a console of a lot', () => {
  it.each(LOT)('of $name is $is', ({ is, text, end, same = [], differs = [] }) => {
    const crash = of(text, end);
    expect(is).toContain(crash.crashClass);
    for (const other of same) expect(of(other, end).fingerprint, other.slice(-200)).toBe(crash.fingerprint);
    for (const other of differs) expect(of(other, end).fingerprint, other.slice(-200)).not.toBe(crash.fingerprint);
  });

  it.each(LOT)('has the same fingerprint elsewhere: $name', ({ text, end }) => {
    const [one, other] = [of(text, end), of(elsewhere(text), end)];
    expect(other).toMatchObject({ crashClass: one.crashClass, fingerprint: one.fingerprint });
  });

  it('shares its fingerprint only where nothing but a signal, a status or its end is told', () => {
    const told = LOT.map(({ text, end }) => of(text, end)).filter(({ evidence }) => evidence !== '');
    const shared = [...Map.groupBy(told, ({ fingerprint }) => fingerprint).values()];
    const summaries = shared.map((same) => [...new Set(same.map(({ summary }) => summary.replace(/\d+/g, '#')))]);
    const many = summaries.filter(({ length }) => length > 1).flat();
    expect(many.filter((one) => !/SIG[A-Z]{3,4}|exit status|told to end|the kernel killed/.test(one))).toEqual([]);
  });
});
