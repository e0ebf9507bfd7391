/** Solo5 and OSv. */
import type { CrashClass } from '../fault.ts';
import { inPage, normalize, place } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { seek } from '../signature.ts';
import { classOfAccess, sayAccess } from '../signals.ts';
import { classOfSyndrome } from './arm.ts';

const platform = 'solo5' as const;

const TRAPS: Readonly<Record<string, readonly [CrashClass, string]>> = {
  '#DE': ['arithmetic', 'divide error'],
  '#UD': ['illegal-instruction', 'invalid opcode'],
  '#GP': ['segv', 'general protection fault'],
  '#PF': ['segv', 'page fault'],
  '#SS': ['stack-overflow', 'stack-segment fault'],
  '#DF': ['kernel-fault', 'double fault'],
  '#MF': ['arithmetic', 'floating point error'],
  '#XM': ['arithmetic', 'SIMD floating point error'],
  '#AC': ['segv', 'alignment check'],
  '#BP': ['abort', 'breakpoint'],
  '#NM': ['illegal-instruction', 'no floating point unit'],
};

function readTrap({ type = '', pc = '', sp }: Groups, around: Around): Finding {
  const [known, words] = TRAPS[type] ?? ['kernel-fault', 'unknown trap'];
  const address = type === '#PF' ? seek(around.after(3), /cr2=0x(?<address>[0-9a-f]+)/)?.['address'] : undefined;
  const crashClass = address === undefined ? known : classOfAccess(address, sp);
  const told = address === undefined ? words : `${sayAccess(crashClass, address)} (${words})`;
  return { crashClass, summary: `trap ${type}: ${told}`, key: [type, `pc ${inPage(pc)}`] };
}

const NUMBERED: Readonly<Record<number, string>> = {
  0: '#DE',
  3: '#BP',
  6: '#UD',
  7: '#NM',
  8: '#DF',
  12: '#SS',
  13: '#GP',
  14: '#PF',
};

/** Until 2016: "exception from rip=0x6f", and its number. */
function readException({ number = '' }: Groups, around: Around): Finding {
  const pc = seek(around.before(3), /^exception from rip=0x(?<pc>[0-9a-f]+)/)?.['pc'] ?? '';
  return readTrap({ type: NUMBERED[Number.parseInt(number, 16)] ?? number, pc }, around);
}

/** And what it gave up for, on the line after the place. */
function readOldPanic({ file = '', line }: Groups, around: Around): Finding {
  const [why = ''] = around.after(1);
  const expr = /^assertion failed: "(?<expr>.+)"/.exec(why)?.groups?.['expr'];
  return readAbort({ file, line, why: expr === undefined ? why : `Assertion \`${expr}' failed` });
}

/** Mini-OS, under Xen. */
function readPageFault({ address = '', pc = '', sp }: Groups): Finding {
  const crashClass = classOfAccess(address, sp);
  return { crashClass, summary: `${sayAccess(crashClass, address)} (page fault)`, key: [`pc ${inPage(pc)}`] };
}

function readArmTrap({ mode = '' }: Groups, around: Around): Finding {
  const { crashClass, words } = classOfSyndrome(around.after(12));
  return { crashClass, summary: `trap (${mode}): ${words}`, key: [mode] };
}

function readAbort({ file, line, why = '' }: Groups): Finding {
  const expr = /^Assertion [`'](?<expr>.+)' failed/.exec(why)?.groups?.['expr'];
  const where = file === undefined ? '' : place(file, line);
  if (expr !== undefined) {
    const runtimeKey = `assert|${where}|${normalize(expr)}`;
    return { crashClass: 'assert', summary: `assertion "${expr}" failed at ${where}`, key: ['assert', where, expr], runtimeKey };
  }
  const crashClass = /stack corruption/i.test(why) ? 'stack-overflow' : /out of memory|no memory/i.test(why) ? 'oom' : 'abort';
  return { crashClass, summary: `it aborted: ${why}`, key: [where, normalize(why)] };
}

/** Mirage ends with 63 or 64 where its arguments are wrong. */
function readExit({ status = '0' }: Groups): Finding {
  const isArgument = status === '63' || status === '64';
  const crashClass = status === '0' ? 'clean-exit' : isArgument ? 'startup-config' : 'nonzero-exit';
  const what = isArgument ? ': its arguments were refused' : '';
  return { crashClass, summary: `it exited with ${status}${what}`, key: ['exit', status] };
}

export const SOLO5: readonly Signature[] = [
  {
    ...{ hints: ['Solo5: trap: type='], weight: 'kernel', platform },
    pattern: /^Solo5: trap: type=(?<type>#\w+) ec=0x[0-9a-f]+ rip=0x(?<pc>[0-9a-f]+)(?: rsp=0x(?<sp>[0-9a-f]+))?/,
    read: readTrap,
  },
  {
    ...{ hints: ['Solo5: Trap: EL'], weight: 'kernel', platform },
    pattern: /^Solo5: Trap: EL\d (?<mode>(?:Invalid )?(?:Synchronous Abort|IRQ|FIQ|Error)) caught/,
    read: readArmTrap,
  },
  {
    ...{ hints: ['got unknown processor exception '], weight: 'kernel', platform },
    pattern: /^got unknown processor exception 0x(?<number>[0-9a-f]+)/,
    read: readException,
  },
  {
    ...{ hints: ['PANIC: '], weight: 'signal', platform },
    pattern: /^PANIC: (?<file>[^\s:]+\.c):(?<line>\d+)$/,
    read: readOldPanic,
  },
  {
    ...{ hints: ['Page fault at linear address '], weight: 'signal' },
    pattern:
      /^Page fault at linear address (?:0x)?(?<address>[0-9a-f]+), rip (?:0x)?(?<pc>[0-9a-f]+)(?:, regs (?:0x)?[0-9a-f]+, sp (?:0x)?(?<sp>[0-9a-f]+))?/,
    read: readPageFault,
  },
  {
    ...{ hints: ['Solo5: ABORT: '], weight: 'runtime', platform },
    pattern: /^Solo5: ABORT: (?:(?<file>[^:\s]+):(?<line>\d+): )?(?<why>.+)/,
    read: readAbort,
  },
  {
    ...{ hints: ['solo5_abort() called'], weight: 'signal', platform },
    pattern: /^Solo5: solo5_abort\(\) called/,
    read: () => ({ crashClass: 'abort', summary: 'it aborted itself', key: ['abort'] }),
  },
  {
    ...{ hints: ['solo5_exit('], weight: 'end', platform },
    pattern: /^Solo5: solo5_exit\((?<status>-?\d+)\) called/,
    read: readExit,
  },
];
