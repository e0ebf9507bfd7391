/** Guests that are seen now and then: Hermit, FreeBSD. */
import type { CrashClass } from '../fault.ts';
import { inPage, normalize } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { seek } from '../signature.ts';
import { classOfAccess, sayAccess } from '../signals.ts';

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

export const OTHER_GUESTS: readonly Signature[] = [
  {
    ...{ hints: [') Exception'], weight: 'kernel' },
    pattern: /^\[\d+\]\[ERROR\] .{0,60}\(#(?<name>[A-Z]{2})\) Exception/,
    read: readException,
  },
  {
    ...{ hints: ['Fatal trap '], weight: 'kernel' },
    pattern: /^Fatal trap \d+: (?<why>.+) while in kernel mode/,
    read: readTrap,
  },
];
