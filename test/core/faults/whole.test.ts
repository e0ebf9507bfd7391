/** Whole consoles: their class, one fingerprint for one failure and another for another, and a line that people can read. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../core/faults/classify.ts';
import type { Crash, EndFacts } from '../../../core/faults/fault.ts';
import { WHOLE_GUESTS } from './whole-guests.ts';
import { WHOLE_LINUX } from './whole-linux.ts';
import { WHOLE_MORE } from './whole-more.ts';
import { WHOLE_SERVERS } from './whole-servers.ts';

const ALL = [...WHOLE_GUESTS, ...WHOLE_LINUX, ...WHOLE_SERVERS, ...WHOLE_MORE];
const OFF: EndFacts = { state: 'stopped', stateReason: 'Client.InstanceInitiatedShutdown', wasHealthy: true };
const of = (text: string, end: Partial<EndFacts> = {}): Crash =>
  classify({ console: new TextEncoder().encode(text), end: { ...OFF, ...end } });

describe('a whole console', () => {
  it.each(ALL)('of $name is $is', ({ is, text, end, same = [], differs = [] }) => {
    const crash = of(text, end);
    expect(is).toContain(crash.crashClass);
    for (const other of same) expect(of(other, end).fingerprint, other.slice(-200)).toBe(crash.fingerprint);
    for (const other of differs) expect(of(other, end).fingerprint, other.slice(-200)).not.toBe(crash.fingerprint);
  });

  it.each(ALL)('of $name is told in one line without stamps or noise', ({ text, end }) => {
    const { summary } = of(text, end);
    expect(summary).not.toMatch(/\n|Command line|^\W*\d{2,4}[-/.]\d\d|login:/);
    expect(summary.length).toBeGreaterThan(8);
  });

  it('of one that served long after it logged an exception is not told by it, unless its end is', () => {
    const traceback = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n';
    const served = 'GET / 200\n'.repeat(250);
    expect(of(`${traceback}${served}`).crashClass).toBe('unknown');
    expect(of(`${traceback}${served}tandem: web: exit status 3\n`).crashClass).toBe('nonzero-exit');
    expect(of(`${served}${traceback}`).summary).toBe('uncaught KeyError: 1, in f a.py');
  });

  it('that quotes a request in its own words is read, and one that lists requests is not', () => {
    const panic = 'panic: pattern "GET /a" conflicts with pattern "GET /{b}"\n\ngoroutine 1 [running]:\n';
    expect(of(panic).crashClass).toBe('abort');
    expect(of('10.0.0.1 - - "GET /?q=Kernel panic - not syncing: a HTTP/1.1" 404 15\n').crashClass).toBe('unknown');
  });

  it('of one that never served is told by what it said against it, and not by what it prepared', () => {
    const never = { wasHealthy: false };
    expect(of('FATAL: no such table: carts\n', never).crashClass).toBe('startup-config');
    expect(of('handlers for fatal signals installed\n', never).crashClass).toBe('boot-failure');
    expect(of('FATAL: no such table: carts\n').crashClass).toBe('unknown');
  });

  it('of one that was told to end and went on is not told by that', () => {
    expect(of(`received SIGTERM from a test\n${'GET / 200\n'.repeat(30)}`).crashClass).toBe('unknown');
    expect(of('received SIGTERM from a test\nbye\n').crashClass).toBe('sigterm');
  });
});

it('hosts, ports, ids, dates, temporary files and sizes do not make another failure', () => {
  const one = of(
    'Mon Nov 30 2026 error: out of memory: 512 MB of /tmp/heap-x1/tmpab12cd34.bin for 10.0.3.7:51022 in 7f1376bb-d229-4c23-bc80-92bee37208a3\n',
  );
  const other = of(
    'Tue Dec 1 2026 error: out of memory: 1.5 GB of /var/tmp/tmp.Qx7fKp.bin for 10.77.0.1:80 in 00000000-1111-2222-3333-444444444444\n',
  );
  expect(other.fingerprint).toBe(one.fingerprint);
  expect(of('error: out of memory: the cache is full\n').fingerprint).not.toBe(one.fingerprint);
});
