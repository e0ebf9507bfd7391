/** Runtimes of managed languages: Node, Python, the JVM, .NET, Ruby, PHP. What they print of an exception may be survived. */
import type { CrashClass } from '../fault.ts';
import { basename, inPage, normalize, place } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { classBy, seek, seekAll } from '../signature.ts';
import { signalOf } from '../signals.ts';

const STACK_LINES = 60;

/** By the names and messages of exceptions, whatever the language. */
const EXCEPTIONS: readonly (readonly [RegExp, CrashClass])[] = [
  [/OutOfMemory|MemoryError|out of memory|Out of memory|Allowed memory size/, 'oom'],
  [/StackOverflow|RecursionError|Maximum call stack|stack level too deep|SystemStackError/, 'stack-overflow'],
  [/NullPointer|NullReference/, 'null-deref'],
  [/Assert/, 'assert'],
  [/ZeroDivision|Arithmetic|DivideByZero/, 'arithmetic'],
  [/AccessViolation/, 'segv'],
  [
    /Cannot find module|MODULE_NOT_FOUND|ModuleNotFound|EADDRINUSE|Address already in use|NoClassDefFound|ClassNotFound|cannot load such file/i,
    'startup-config',
  ],
];

export const classOfException = (text: string) => classBy(text, EXCEPTIONS, 'nonzero-exit');

interface Thrown {
  readonly language: string;
  readonly name: string;
  readonly why: string;
  /** A function where there is one: lines move when a build leaves something out. */
  readonly where: string;
}

/** What is quoted and no name is data: a key, a number, a path. */
const DATA = /'(?![A-Za-z_]+')[^']*'|"(?![A-Za-z_]+")[^"]*"/g;

function toFinding({ language, name, why, where }: Thrown): Finding {
  const what = [name, why].filter(Boolean).join(': ');
  const same = normalize(why.replace(DATA, "'#'"));
  return {
    crashClass: classOfException(what),
    summary: `uncaught ${what}${where && `, in ${where}`}`,
    key: [language, name, same, where],
    runtimeKey: `${language}|${name}|${same}|${where}`,
  };
}

const JS_FRAME = /^ {4}at (?:(?:async )?(?:new )?(?<fn>[^\s(]+)(?: \[as \w+\])? \()?(?<file>[^\s()]+?):\d+:\d+\)?$/;

/** The first frame of the program's own. */
function jsWhere(lines: readonly string[]): string {
  const frames = seekAll(lines, JS_FRAME);
  const own = frames.find(({ file = '' }) => !file.startsWith('node:')) ?? frames[0];
  const fn = own?.['fn'];
  if (fn !== undefined && !fn.includes('<anonymous>')) return fn;
  return basename(own?.['file'] ?? '');
}

const JS_ERROR = /^(?:Uncaught )?(?<name>[A-Z]\w*)(?: \[(?<code>\w+)\])?: (?<why>.*)/;

function readNodeEnd(_: Groups, around: Around): Finding {
  const lines = around.before(STACK_LINES);
  const isStack = (line = '') => /^ {4}at /.test(line);
  const strict = lines.findIndex((line, index) => JS_ERROR.test(line) && isStack(lines[index + 1]));
  // Its message may have further lines: what it was required by.
  const loose = lines.findIndex((line, index) => JS_ERROR.test(line) && lines.slice(index, index + 12).some(isStack));
  const at = strict < 0 ? loose : strict;
  const found = JS_ERROR.exec(lines[at] ?? '')?.groups;
  const told = lines.filter((line) => /^[^\s^}\]]/.test(line)).at(-1) ?? '';
  if (found === undefined) return toFinding({ language: 'js', name: '', why: told, where: '' });
  return { ...toJs(found, lines.slice(at + 1)), lines: lines.slice(at, at + 3) };
}

const toJs = ({ name = '', code, why = '' }: Groups, stack: readonly string[]): Finding =>
  toFinding({ language: 'js', name: code === undefined ? name : `${name} ${code}`, why, where: jsWhere(stack) });

/** Of an error that is only logged nothing is known but that it was; without a stack it is none. */
function readJsError(groups: Groups, around: Around): Finding | undefined {
  const stack = around.after(12);
  return /^ {4}at /.test(stack[0] ?? '') ? toJs(groups, stack) : undefined;
}

const PY_FRAME = /^ +File "(?<file>[^"]+)", line \d+(?:, in (?<fn>.+))?/;
const PY_ERROR = /^(?<name>[A-Za-z_][\w.]*)(?:: (?<why>.*))?$/;

function readTraceback(_: Groups, around: Around): Finding {
  const lines = around.after(STACK_LINES);
  const at = lines.findIndex((line) => PY_ERROR.test(line));
  const { name = 'exception', why = '' } = PY_ERROR.exec(lines[at] ?? '')?.groups ?? {};
  const frame = seekAll(at < 0 ? lines : lines.slice(0, at), PY_FRAME).at(-1);
  const where = frame === undefined ? '' : `${frame['fn'] ?? ''} ${basename(frame['file'] ?? '')}`.trim();
  return { ...toFinding({ language: 'python', name, why, where }), lines: at < 0 ? [] : lines.slice(at, at + 1) };
}

const PY_FATAL: readonly (readonly [RegExp, CrashClass])[] = [
  [/Segmentation fault|Bus error/, 'segv'],
  [/[Ss]tack overflow|recursion/, 'stack-overflow'],
  [/Illegal instruction/, 'illegal-instruction'],
  [/Floating point/, 'arithmetic'],
  [/memory/i, 'oom'],
  [/^(?:init|Py_Init|config)/, 'startup-config'],
];

function readPyFatal({ why = '' }: Groups): Finding {
  return {
    crashClass: classBy(why, PY_FATAL, 'abort'),
    summary: `fatal Python error: ${why}`,
    key: ['py', why],
    runtimeKey: `py|${normalize(why)}`,
  };
}

function readJvmCheck(where: string, lines: readonly string[]): Finding {
  const why = seek(lines, /^# +(?:guarantee|assert)\((?<expr>.+)/)?.['expr'];
  const crashClass = why === undefined ? 'abort' : 'assert';
  const told = why === undefined ? 'internal error' : `assertion "${why.replace(/\) failed.*/, '')}" failed`;
  return { crashClass, summary: `the JVM: ${told} at ${where}`, key: [where], runtimeKey: `jvm|${where}` };
}

function readJvm(_: Groups, around: Around): Finding {
  const lines = around.after(25);
  const at = seek(lines, /^#\s+(?<name>SIG\w+) \(0x[0-9a-f]+\) at pc=0x(?<pc>[0-9a-f]+)/);
  const failed = seek(lines, /^# +Internal Error \((?<file>[^\s:]+):(?<line>\d+)\)/);
  if (failed !== undefined) return readJvmCheck(place(failed['file'] ?? '', failed['line']), lines);
  const isOom = seek(lines, /^# Out of Memory Error/) !== undefined;
  const frame = seek(lines, /^# [CVJjv] +(?:\[(?<object>[^\]]+)\])?(?: +(?<fn>[\w:.~]+))?/);
  const where = frame?.['fn'] ?? frame?.['object'] ?? '';
  const name = at?.['name'] ?? 'SIGABRT';
  const crashClass = isOom ? 'oom' : signalOf(name).crashClass;
  const key = [crashClass, where || `pc ${inPage(at?.['pc'] ?? '')}`];
  return { crashClass, summary: `the JVM crashed: ${name}${where && ` in ${where}`}`, key, runtimeKey: `jvm|${key.join('|')}` };
}

function readJava({ name = '', why = '' }: Groups, around: Around): Finding {
  const fn = seek(around.after(8), /^\s+at (?:[\w.]+\/)?(?<fn>[\w.$<>]+)\(/)?.['fn'] ?? '';
  return toFinding({ language: 'java', name, why, where: fn });
}

function readDotnet({ name = '', why = '' }: Groups, around: Around): Finding {
  const fn = seek(around.after(8), /^ +at (?<fn>[\w.`<>]+)\(/)?.['fn'] ?? '';
  return toFinding({ language: 'dotnet', name, why, where: fn });
}

const heapFull = (what: string) => (): Finding => ({
  crashClass: 'oom',
  summary: what,
  key: ['oom', what],
  runtimeKey: `oom|${what}`,
});

export const MANAGED: readonly Signature[] = [
  {
    ...{ hints: ['FATAL ERROR: '], weight: 'runtime' },
    pattern: /^FATAL ERROR: .*(?:heap out of memory|Allocation failed|OOM)/,
    read: heapFull('the JavaScript heap is full'),
  },
  {
    ...{ hints: ['FATAL ERROR: '], weight: 'runtime' },
    pattern: /^FATAL ERROR: (?<why>\w+::.+)/,
    read: ({ why = '' }) => ({
      crashClass: 'abort',
      summary: `V8 failed: ${why}`,
      key: ['v8', normalize(why)],
      runtimeKey: `v8|${normalize(why)}`,
    }),
  },
  {
    ...{ hints: ['# Fatal error in '], weight: 'runtime' },
    pattern: /^# Fatal error in (?<file>[^,]+)/,
    read: ({ file = '' }, around) => {
      const why = around.after(2).find((line) => line.length > 2) ?? '';
      const crashClass = /out of memory|OOM/i.test(`${file} ${why}`) ? 'oom' : /Check failed/.test(why) ? 'assert' : 'abort';
      return { crashClass, summary: `V8 failed in ${basename(file)}: ${why.replace(/^# /, '')}`, key: ['v8', normalize(why)] };
    },
  },
  { ...{ hints: ['Node.js v'], weight: 'runtime' }, pattern: /^Node\.js v\d+\.\d+/, read: readNodeEnd },
  { ...{ hints: ['Fatal Python error: '], weight: 'runtime' }, pattern: /^Fatal Python error: (?<why>.+)/, read: readPyFatal },
  {
    ...{ hints: ['insufficient memory for the Java'], weight: 'runtime' },
    pattern: /^# There is insufficient memory for the Java Runtime/,
    read: heapFull('there is not enough memory for the JVM'),
  },
  {
    ...{ hints: ['fatal error has been detected by the Java'], weight: 'runtime' },
    pattern: /^# A fatal error has been detected by the Java Runtime/,
    read: readJvm,
  },
  {
    ...{ hints: ['Unhandled exception. '], weight: 'runtime' },
    pattern: /^Unhandled exception\. (?<name>[\w.]+)(?:: (?<why>.*))?/,
    read: readDotnet,
  },
  {
    ...{ hints: ['Stack overflow.'], weight: 'runtime' },
    pattern: /^Stack overflow\.$/,
    read: () => ({ crashClass: 'stack-overflow', summary: 'stack overflow', key: ['stack'], runtimeKey: 'dotnet|stack' }),
  },
  {
    ...{ hints: ['Exception in thread '], weight: 'soft' },
    pattern: /^Exception in thread "[^"]*" (?<name>[\w.$]+)(?:: (?<why>.*))?/,
    read: readJava,
  },
  {
    ...{ hints: ['Traceback (most recent'], weight: 'soft' },
    pattern: /^Traceback \(most recent call last\):/,
    read: readTraceback,
  },
  {
    ...{ hints: ['SyntaxError: ', 'IndentationError: ', 'TabError: '], weight: 'soft' },
    pattern: /^(?<name>SyntaxError|IndentationError|TabError): (?<why>.*)/,
    read: ({ name = '', why = '' }, around) => {
      const frame = seek(around.before(4), PY_FRAME);
      return frame && toFinding({ language: 'python', name, why, where: basename(frame['file'] ?? '') });
    },
  },
  {
    ...{ hints: ['PHP Fatal error: '], weight: 'soft' },
    pattern: /^PHP Fatal error: +(?<why>.+?)(?: in (?<file>\S+)(?: on line |:)\d+)?$/,
    read: ({ why = '', file = '' }) => toFinding({ language: 'php', name: '', why, where: basename(file) }),
  },
  {
    ...{ hints: [':in '], weight: 'soft' },
    pattern: /^(?<file>[^\s:]+\.rb):\d+:in [`'](?<fn>[^']+)': (?<why>.*) \((?<name>[A-Z][\w:]*)\)$/,
    read: ({ name = '', why = '', fn = '' }) => toFinding({ language: 'ruby', name, why, where: fn }),
  },
  { ...{ hints: ['Error', 'Rejection', 'Exception'], weight: 'soft' }, pattern: JS_ERROR, read: readJsError },
];
