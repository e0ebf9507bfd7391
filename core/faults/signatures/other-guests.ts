/** Guests that are seen now and then: Hermit, FreeBSD. */
import type { CrashClass } from '../fault.ts';
import { inPage, normalize } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { seek } from '../signature.ts';
import { classOfAccess, sayAccess } from '../signals.ts';
import { assertion } from './libc.ts';

/** As the processor's manuals abbreviate them. Hermit's program and kernel are one. */
const EXCEPTIONS: Readonly<Record<string, readonly [CrashClass, string]>> = {
  DE: ['arithmetic', 'divide error'],
  UD: ['illegal-instruction', 'illegal instruction'],
  SS: ['stack-overflow', 'stack segment fault'],
  GP: ['segv', 'general protection'],
  BP: ['abort', 'breakpoint'],
  AC: ['segv', 'alignment check'],
};

/** Where it was, as far as that is the same in every process. */
const pageOf = (lines: readonly string[], pattern: RegExp) => inPage(pattern.exec(lines.join('\n'))?.groups?.['pc'] ?? '');

const HERMIT_AT = /instruction_pointer: VirtAddr\(\s*0x(?<pc>[0-9a-f]+)/;

function readException({ name = '' }: Groups, around: Around): Finding {
  const address = seek(around.after(12), /virtual.?address\W{1,4}(?:VirtAddr\()?0x(?<address>[0-9a-f]+)/i)?.['address'];
  const [byName, words] = EXCEPTIONS[name] ?? ['kernel-fault', `exception #${name}`];
  const crashClass = name === 'PF' ? classOfAccess(address ?? '1000') : byName;
  const told = name !== 'PF' ? words : address === undefined ? 'page fault' : sayAccess(crashClass, address);
  return { crashClass, summary: `the unikernel died: ${told}`, key: [name, pageOf(around.after(8), HERMIT_AT)] };
}

function readTrap({ why = '' }: Groups, around: Around): Finding {
  const at = pageOf(around.after(8), /^instruction pointer\s+= 0x[0-9a-f]+:0x(?<pc>[0-9a-f]+)/m);
  return { crashClass: 'kernel-panic', summary: `kernel panic: ${why}`, key: ['trap', normalize(why), at] };
}

const SOON = 4;
/** The kernels of NetBSD (rumprun) and FreeBSD panic with the same word as Go: what follows tells. */
export const isBsdPanic = (after: readonly string[]): boolean =>
  seek(
    after.slice(0, SOON),
    /^(?:rump kernel halting|cpuid = |KDB: |PANIC: rumpuser|Stopped at |Begin traceback|syncing disks)/,
  ) !== undefined;

/** What it could not be given is on the line before it. */
const NO_PAGES = /cannot handle page request|out of memory|uvm_km_alloc|kmem_/i;

function readBsd({ why = '' }: Groups, around: Around): Finding | undefined {
  if (!isBsdPanic(around.after(SOON))) return undefined;
  const at = /assertion "(?<expr>.+)" failed: file "(?<file>[^"]+)", line (?<line>\d+)/.exec(why)?.groups;
  if (at !== undefined) return assertion(at);
  const crashClass = [why, ...around.before(2)].some((line) => NO_PAGES.test(line)) ? 'oom' : 'kernel-panic';
  return { crashClass, summary: `kernel panic: ${why}`, key: ['panic', normalize(why)] };
}

export const OTHER_GUESTS: readonly Signature[] = [
  {
    ...{ hints: [') Exception'], weight: 'kernel' },
    pattern: /^\[\d+\]\[ERROR\] .{0,60}\(#(?<name>[A-Z]{2})\) Exception/,
    read: readException,
  },
  {
    // rumprun, FreeBSD
    ...{ hints: ['panic: '], weight: 'kernel' },
    pattern: /^panic: (?<why>.+)/,
    read: readBsd,
  },
  {
    ...{ hints: ['Fatal trap '], weight: 'kernel' },
    pattern: /^Fatal trap \d+: (?<why>.+) while in kernel mode/,
    read: readTrap,
  },
];
