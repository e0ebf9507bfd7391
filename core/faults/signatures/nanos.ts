/** Nanos (src/unix/signal.c, src/x86_64/interrupt.c, src/kernel/*): what it prints when a program or itself ends badly. */
import type { CrashClass } from '../fault.ts';
import { inPage, normalize, place } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { seek } from '../signature.ts';
import { classOfAccess, sayAccess, sayAddress, signalOf } from '../signals.ts';

const DUMP_LINES = 90;
const MOST_FRAMES = 5;
const platform = 'nanos' as const;

const PC = /^ *(?:rip|elr|pc): (?<pc>[0-9a-f]{8,16})(?:\s+\((?<sym>[^\s)]+) \+)?/;
const STACK = /^ *(?:rsp|sp): (?<sp>[0-9a-f]{8,16})/;
const VECTOR = /^ *(?:lastvector|interrupt): (?<vector>[0-9a-f]{8,16})(?: \((?<name>.*)\))?$/;
const FRAME = /^[0-9a-f]{12,16}: +[0-9a-f]{16}\s+\((?<sym>[^\s)]+) \+/;

/** The program's own program counter; or the kernel's function. */
function whereOf(dump: readonly string[]): readonly string[] {
  const at = seek(dump, PC);
  if (at?.['pc'] === undefined) return [];
  return at['sym'] === undefined ? [`pc ${inPage(at['pc'])}`] : framesOf(dump, at['sym']);
}

function framesOf(dump: readonly string[], first: string): readonly string[] {
  const frames = dump.flatMap((line) => FRAME.exec(line)?.groups?.['sym'] ?? []);
  return [first, ...frames].slice(0, MOST_FRAMES);
}

const inWords = (where: readonly string[]) => (where[0]?.startsWith('pc ') === false ? ` in ${where[0]}` : '');

function readSignal({ signal = '' }: Groups, around: Around): Finding {
  const dump = around.after(DUMP_LINES);
  const { name, crashClass, words } = signalOf(signal);
  const address = seek(dump.slice(0, 3), /fault address 0x(?<address>[0-9a-f]+)/)?.['address'];
  const isAccess = crashClass === 'segv' && address !== undefined;
  const found = isAccess ? classOfAccess(address, seek(dump, STACK)?.['sp']) : crashClass;
  // Who aborts himself always does so in the same place; only of a fault does the place say more.
  const where = crashClass === 'abort' || crashClass === 'sigterm' ? [name] : whereOf(dump);
  const what = isAccess ? `${sayAccess(found, address)}: ${name} at address ${sayAddress(address)}` : `${words} (${name})`;
  return {
    crashClass: found,
    summary: `the program died: ${what}${crashClass === 'abort' ? '' : inWords(where)}`,
    key: [...where],
  };
}

const VECTORS: Readonly<Record<number, readonly [CrashClass, string]>> = {
  0: ['arithmetic', 'divide error'],
  2: ['hang', 'non-maskable interrupt'],
  3: ['abort', 'breakpoint'],
  6: ['illegal-instruction', 'invalid opcode'],
  8: ['kernel-fault', 'double fault'],
  12: ['stack-overflow', 'stack-segment fault'],
  13: ['segv', 'general protection fault'],
  16: ['arithmetic', 'floating point error'],
  17: ['segv', 'alignment check'],
  19: ['arithmetic', 'SIMD floating point error'],
};

function classOfVector(vector: number, dump: readonly string[]): readonly [CrashClass, string] {
  if (vector !== 14) return VECTORS[vector] ?? ['kernel-fault', `vector ${vector}`];
  const address = seek(dump, /^ *address: (?<address>[0-9a-f]+)$/)?.['address'];
  return address === undefined ? ['segv', 'page fault'] : [classOfAccess(address, seek(dump, STACK)?.['sp']), 'page fault'];
}

/** A dump alone. One of the kernel itself is the kernel's fault; after a diagnostic interrupt it shows where it hung. */
function readDump({ vector = '0', name }: Groups, around: Around): Finding {
  const dump = around.after(DUMP_LINES);
  const [crashClass, words] = classOfVector(Number.parseInt(vector, 16), dump);
  const type = seek(dump.slice(0, 4), /^ *type: (?<type>\w+)/)?.['type'];
  // Of 2018 and before: no type, and only the kernel's own functions had names.
  const isKernel = type === undefined ? seek(dump, PC)?.['sym'] !== undefined : type === 'kernel';
  const found = isKernel && crashClass !== 'hang' ? 'kernel-fault' : crashClass;
  const where = whereOf(dump);
  const what = crashClass === 'hang' ? 'it hung, and was interrupted' : (name ?? words);
  return {
    crashClass: found,
    summary: `${isKernel ? 'in the kernel' : 'in the program'}: ${what}${inWords(where)}`,
    key: [vector, ...where],
  };
}

function readKernelFault(groups: Groups, around: Around): Finding {
  const dump = [around.line, ...around.after(DUMP_LINES)];
  const vector = seek(dump, VECTOR);
  const where = whereOf(dump);
  const isInterrupt = Number.parseInt(vector?.['vector'] ?? '0', 16) === 2;
  const crashClass = isInterrupt ? 'hang' : 'kernel-fault';
  const what = groups['what'] ?? around.before(1).find((line) => line.includes('kernel mode')) ?? 'a fault nobody handles';
  const summary = isInterrupt
    ? `it hung, and was interrupted${inWords(where)}`
    : `kernel fault: ${what.trim()}${vector?.['name'] === undefined ? '' : `, ${vector['name']}`}${inWords(where)}`;
  return { crashClass, summary, key: [normalize(what), vector?.['vector'] ?? '', ...where] };
}

function readAssert({ expr = '', file = '', line, line0, fn, fn0 }: Groups): Finding {
  const where = place(file, line ?? line0);
  const inside = fn ?? fn0;
  return {
    crashClass: 'assert',
    summary: `assertion "${expr}" failed at ${where}${inside === undefined ? '' : ` in ${inside}()`}`,
    key: ['assert', where, expr],
    runtimeKey: `assert|${where}|${normalize(expr)}`,
  };
}

const oom = (summary: string) => (): Finding => ({ crashClass: 'oom', summary, key: ['oom', summary] });

export const NANOS: readonly Signature[] = [
  {
    ...{ hints: ['program killed'], weight: 'kernel', platform },
    pattern: /^page fault: out of memory, program killed/,
    read: oom('the program used all memory, and was killed'),
  },
  {
    ...{ hints: ['Out of memory: cannot allocate'], weight: 'kernel', platform },
    pattern: /^Out of memory: cannot allocate \d+ bytes/,
    read: oom('the kernel has no memory left'),
  },
  {
    ...{ hints: ['OOM'], weight: 'kernel', platform },
    pattern: /^cannot get physical page for vaddr .*OOM/,
    read: oom('there is no physical page left for the program'),
  },
  {
    ...{ hints: ['assertion '], weight: 'kernel', platform },
    pattern:
      /^(?:loaded klibs: *)?assertion (?<expr>.+) failed (?:at|in) (?<file>[^:\s]+):(?: ?(?<line>\d+)| ?(?<fn0>\w+)\(\) on line (?<line0>\d+))(?: \(IP [^)]*\))?(?: in (?<fn>\w+)\(\))?/,
    read: readAssert,
  },
  {
    ...{ hints: ['stack check failed'], weight: 'kernel', platform },
    pattern: /^stack check failed(?: on cpu \d+)?$/,
    read: () => ({
      crashClass: 'stack-overflow',
      summary: 'the stack was overwritten (stack check failed)',
      key: ['stack check'],
    }),
  },
  {
    ...{ hints: ['no fault handler'], weight: 'kernel', platform },
    pattern: /^(?<what>no fault handler)/,
    read: readKernelFault,
  },
  {
    ...{ hints: ['exception during interrupt', 'exception for invalid interrupt', 'serror exception caught'], weight: 'kernel' },
    ...{
      platform,
      pattern: /^(?<what>exception (?:during interrupt handling|for invalid interrupt vector)|serror exception caught)/,
    },
    read: readKernelFault,
  },
  {
    ...{ hints: ['kernel mode', 'bug: pte entries'], weight: 'kernel', platform },
    pattern: /^(?<what>(?:Divide by zero occurs|Illegal instruction|Breakpoint) in kernel mode|bug: pte entries .*)/,
    read: readKernelFault,
  },
  { ...{ hints: ['context type: '], weight: 'kernel', platform }, pattern: /^cpu: \d+, context type: \d/, read: readKernelFault },
  {
    ...{ hints: ['Page fault outside of thread context'], weight: 'kernel', platform },
    pattern: /^(?<what>Page fault outside of thread context)/,
    read: readKernelFault,
  },
  {
    ...{ hints: ['*** signal '], weight: 'signal', platform },
    pattern: /^\*\*\* signal (?<signal>\d+) received/,
    read: readSignal,
  },
  {
    ...{ hints: ['Process abort: '], weight: 'signal', platform },
    pattern: /^Process abort: (?:Unhandled )?(?<signal>SIG[A-Z]+) received/,
    read: readSignal,
  },
  { ...{ hints: ['lastvector: ', 'interrupt: '], weight: 'signal', platform }, pattern: VECTOR, read: readDump },
  {
    ...{ hints: ['program startup failed'], weight: 'service', platform },
    pattern: /^program startup failed (?:on|before) exec: ?(?<why>.*)/,
    read: ({ why = '' }) => ({
      crashClass: 'startup-config',
      summary: `the program could not be started: ${why}`,
      key: ['startup', normalize(why)],
    }),
  },
  {
    ...{ hints: ['unable to open filesystem', 'unable to mount'], weight: 'service', platform },
    pattern: /^unable to (?:open|mount) (?<what>.*)/,
    read: ({ what = '' }) => ({
      crashClass: 'boot-failure',
      summary: `the disk could not be opened: unable to open ${what}`,
      key: ['boot', normalize(what)],
    }),
  },
  {
    ...{ hints: ['   terminate'], weight: 'end', platform },
    pattern: /^ {3}terminate$/,
    read: () => ({ crashClass: 'sigterm', summary: 'it was told to end (SIGTERM)', key: ['sigterm'] }),
  },
];
