/** Runtimes of compiled languages: Go, Rust, OCaml, Swift, Zig. */
import type { CrashClass } from '../fault.ts';
import { normalize, place } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { classBy, seek, seekAll } from '../signature.ts';
import { classOfAccess, sayAccess, signalOf } from '../signals.ts';
import { isBsdPanic } from './other-guests.ts';

const STACK_LINES = 60;

const GO: readonly (readonly [RegExp, CrashClass])[] = [
  [/nil pointer dereference/, 'null-deref'],
  [/divide by zero|integer overflow/, 'arithmetic'],
  [/out of memory|cannot allocate memory/, 'oom'],
  [/stack overflow|stack exceeds/, 'stack-overflow'],
  [/address already in use|no such host is configured|must be set|not set/, 'startup-config'],
  [/^assert/i, 'assert'],
];

const FUNCTION = /^(?<fn>(?:[\w./~-]+\.)(?:\([^)]{1,80}\)\.)?[\w.[\]·-]+)\(/;
const FILE = /^\s+(?<file>\S+\.(?:go|s)):(?<line>\d+)/;
const RUNTIME = /^(?:runtime[./]|panic$|testing\.|internal\/)/;

/** The first frame that is not the runtime's. */
function goFrame(lines: readonly string[]): { readonly fn: string; readonly where: string } | undefined {
  for (const [index, line] of lines.entries()) {
    const fn = FUNCTION.exec(line)?.groups?.['fn'];
    const at = FILE.exec(lines[index + 1] ?? '')?.groups;
    if (fn !== undefined && at !== undefined && !RUNTIME.test(fn)) return { fn, where: place(at['file'] ?? '', at['line']) };
  }
  return undefined;
}

/** A stack or a status follows, if anything does: where others just go on, it was not Go's. */
const OF_GO = /^(?:goroutine \d|runtime stack:|\[signal |runtime[.:(]|exit status |PC=0x|\*\*\* signal |\s*panic: )/;
const isGoneOn = (lines: readonly string[], soon: number) =>
  lines.length >= soon && !lines.slice(0, 2 * soon).some((line) => OF_GO.test(line));

/** What a panic says may have many lines; of what is fatal the stack is next. */
const readPanic = (groups: Groups, around: Around) => readGo(groups, around, 10);
const readGoFatal = (groups: Groups, around: Around) => readGo(groups, around, 3);

function readGo({ why = '' }: Groups, around: Around, soon: number): Finding | undefined {
  const lines = around.after(STACK_LINES);
  if (isBsdPanic(lines) || isGoneOn(lines, soon)) return undefined;
  const signal = seek(lines.slice(0, 6), /^\[signal (?<name>SIG\w+).*? addr=(?<address>0x[0-9a-f]+)/);
  const name = signal?.['name'] ?? '';
  const crashClass =
    name === 'SIGSEGV'
      ? classOfAccess(signal?.['address'] ?? '0')
      : name === ''
        ? classBy(why, GO, 'abort')
        : signalOf(name).crashClass;
  const frame = goFrame(lines);
  return {
    crashClass,
    summary: `Go panic: ${why}${frame === undefined ? '' : `, in ${frame.fn} (${frame.where})`}`,
    key: ['go', normalize(why), frame?.where ?? ''],
    runtimeKey: `go|${normalize(why)}|${frame?.fn ?? ''}|${frame?.where ?? ''}`,
  };
}

const RUST: readonly (readonly [RegExp, CrashClass])[] = [
  [/^assertion|^assert|^internal error: entered unreachable/, 'assert'],
  [/divide by zero|remainder with a divisor of zero|with overflow/, 'arithmetic'],
  [/null pointer dereference/, 'null-deref'],
  [/misaligned pointer/, 'segv'],
  [/AddrInUse|NotPresent|PermissionDenied/, 'startup-config'],
  [/out of memory|memory allocation|capacity overflow/, 'oom'],
];

/** Newer compilers print the message on the next line, older ones before the place. */
function readRust({ file = '', line, told }: Groups, around: Around): Finding {
  const why = told ?? around.after(1)[0] ?? '';
  const where = place(file, line);
  return {
    crashClass: classBy(why, RUST, 'abort'),
    summary: `Rust panic at ${where}: ${why}`,
    key: ['rust', where],
    runtimeKey: `rust|${where}|${normalize(why)}`,
    lines: told === undefined ? [why] : [],
  };
}

const fixed = (crashClass: CrashClass, summary: string) => (): Finding => ({
  crashClass,
  summary,
  key: [summary],
  runtimeKey: `${crashClass}|${summary}`,
});

function readFatal({ why = '' }: Groups): Finding {
  const crashClass = classBy(
    why,
    [
      [/stack overflow/, 'stack-overflow'],
      [/out of memory|allocation/, 'oom'],
    ],
    'abort',
  );
  return {
    crashClass,
    summary: `fatal runtime error: ${why}`,
    key: ['fatal', normalize(why)],
    runtimeKey: `fatal|${normalize(why)}`,
  };
}

/** With blanks where Printexc prints them. */
const OCAML: readonly (readonly [RegExp, CrashClass])[] = [
  [/^Out_of_memory|^Out of memory$/, 'oom'],
  [/^Stack_overflow|^Stack overflow$/, 'stack-overflow'],
  [/\bDivision_by_zero\b/, 'arithmetic'],
  [/^Assert_failure/, 'assert'],
];
const OCAML_FRAME = /^(?:Raised|Re-raised|Called)\b.{0,200}? (?:in )?file "(?<file>[^"]+)"(?: \(inlined\))?, lines? (?<line>\d+)/;

function readOcaml({ exception = '', rest = '' }: Groups, around: Around): Finding {
  const frames = seekAll(around.after(STACK_LINES), OCAML_FRAME);
  const own = frames.find(({ file = '' }) => !/^(?:stdlib|camlinternal)/.test(file)) ?? frames[0];
  const where = own === undefined ? '' : place(own['file'] ?? '', own['line']);
  return {
    crashClass: classBy(`${exception}${rest}`.replace(/^Stdlib\./, '').trim(), OCAML, 'nonzero-exit'),
    summary: `uncaught exception ${exception}${rest}${where && `, at ${where}`}`,
    key: ['ocaml', exception, where],
    runtimeKey: `ocaml|${exception}|${normalize(rest)}|${where}`,
  };
}

function readSwift({ told = '', why = told, path = '', file = path, at, line = at }: Groups): Finding {
  const where = place(file, line);
  const crashClass = /assertion|precondition/i.test(why) ? 'assert' : 'abort';
  return {
    crashClass,
    summary: `fatal error: ${why}${where && ` at ${where}`}`,
    key: ['swift', where],
    runtimeKey: `swift|${normalize(why)}|${where}`,
  };
}

function readZig({ why = '' }: Groups, around: Around): Finding {
  const at = seek(around.after(3), /^(?<file>[^\s:]+\.zig):(?<line>\d+):/);
  const where = at === undefined ? '' : place(at['file'] ?? '', at['line']);
  const crashClass = classBy(
    why,
    [
      [/divi|overflow/, 'arithmetic'],
      [/null/, 'null-deref'],
      [/reached unreachable/, 'assert'],
    ],
    'abort',
  );
  return {
    crashClass,
    summary: `panic: ${why}${where && ` at ${where}`}`,
    key: ['zig', where],
    runtimeKey: `zig|${normalize(why)}|${where}`,
  };
}

/** What Go prints of a signal before or without a panic. */
function readGoSignal({ name = '', address = '' }: Groups): Finding {
  const crashClass = name === 'SIGSEGV' ? classOfAccess(address) : signalOf(name).crashClass;
  return { crashClass, summary: `${name}: ${sayAccess(crashClass, address)}`, key: [name] };
}

/** A signal outside of Go's own code: its name is on the line before. */
function readGoForeign({ address = '0x1000' }: Groups, around: Around): Finding | undefined {
  const name = seek(around.before(1), /^(?<name>SIG\w+): /)?.['name'];
  if (name === undefined) return undefined;
  const where = goFrame(around.after(STACK_LINES));
  const crashClass = name === 'SIGSEGV' ? classOfAccess(address) : signalOf(name).crashClass;
  return {
    crashClass,
    summary: `${name}: ${signalOf(name).words}${where === undefined ? '' : `, in ${where.fn}`}`,
    key: [name, where?.fn ?? ''],
    runtimeKey: `go|${crashClass}|${name}|${where?.fn ?? ''}`,
  };
}

export const COMPILED: readonly Signature[] = [
  {
    ...{ hints: ['fatal error: '], weight: 'runtime' },
    pattern: /^(?:runtime: )?fatal error: (?!exception)(?<why>.+)/,
    read: readGoFatal,
  },
  { ...{ hints: ['panic: '], weight: 'runtime' }, pattern: /^panic: (?<why>.+?)(?: \[recovered\b.*)?$/, read: readPanic },
  {
    ...{ hints: ['[signal SIG'], weight: 'runtime' },
    pattern: /^\[signal (?<name>SIG\w+).{0,120}? addr=(?<address>0x[0-9a-f]+)/,
    read: readGoSignal,
  },
  {
    ...{ hints: [' has overflowed its stack'], weight: 'runtime' },
    pattern: /^thread '[^']*'(?: \(\d+\))? has overflowed its stack/,
    read: fixed('stack-overflow', 'a thread has overflowed its stack'),
  },
  {
    ...{ hints: ['memory allocation of '], weight: 'runtime' },
    pattern: /^memory allocation of \d+ bytes failed/,
    read: fixed('oom', 'a memory allocation failed'),
  },
  { ...{ hints: ['fatal runtime error: '], weight: 'runtime' }, pattern: /^fatal runtime error: (?<why>[^,]+)/, read: readFatal },
  {
    ...{ hints: ["thread 'main'"], weight: 'runtime' },
    pattern: /^thread 'main'(?: \(\d+\))? panicked at (?:'(?<told>.*)', )?(?<file>[^\s:,'][^:]*):(?<line>\d+)(?::\d+)?:?/,
    read: readRust,
  },
  {
    // Hermit's kernel
    ...{ hints: ['PANIC'], weight: 'runtime' },
    pattern: /^\[\d+\]\[!*PANIC!*\] (?:panicked at )?(?<file>[^\s:]+):(?<line>\d+)/,
    read: readRust,
  },
  {
    ...{ hints: ['Fatal error: exception '], weight: 'runtime' },
    pattern: /^Fatal error: exception (?<exception>[\w.]+)(?<rest>.*)/,
    read: readOcaml,
  },
  {
    // OCaml's heap, told without an exception
    ...{ hints: ['Fatal error: '], weight: 'runtime' },
    pattern: /^Fatal error: (?:out of memory|allocation failure|not enough memory|cannot allocate)/i,
    read: fixed('oom', 'there is no memory left for the heap'),
  },
  {
    ...{ hints: [' sigcode='], weight: 'runtime' },
    pattern: /^PC=0x[0-9a-f]+ m=\d+ sigcode=-?\d+(?: addr=(?<address>0x[0-9a-f]+))?/,
    read: readGoForeign,
  },
  {
    ...{ hints: ['Fatal error: '], weight: 'runtime' },
    pattern:
      /^(?:(?<file>[^\s:]+\.swift):(?<line>\d+): Fatal error: (?<why>.+)|Fatal error: (?<told>.+): file (?<path>\S+\.swift), line (?<at>\d+)$)/,
    read: readSwift,
  },
  { ...{ hints: [' panic: '], weight: 'runtime' }, pattern: /^thread \d+ panic: (?<why>.+)/, read: readZig },
  {
    ...{ hints: [' panicked at '], weight: 'soft' },
    pattern: /^thread '[^']*'(?: \(\d+\))? panicked at (?:'(?<told>.*)', )?(?<file>[^\s:,'][^:]*):(?<line>\d+)(?::\d+)?:?/,
    read: readRust,
  },
];
