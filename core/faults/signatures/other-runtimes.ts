/** Runtimes that are seen now and then: Crystal, Deno, Erlang, GHC, Nim, OpenJ9, Perl; what glog ends; and what loaders and virtual machines refuse. */
import type { CrashClass } from '../fault.ts';
import { normalize, place } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { classBy, seek } from '../signature.ts';
import { classOfAccess, sayAccess, signalOf } from '../signals.ts';
import { classOfException } from './managed.ts';

const told = (crashClass: CrashClass, language: string, why: string): Finding => ({
  crashClass,
  summary: why.trim(),
  key: [language, normalize(why)],
  runtimeKey: `${language}|${normalize(why)}`,
});

const as =
  (crashClass: CrashClass, language: string) =>
  (_: Groups, { line }: Around): Finding =>
    told(crashClass, language, line.slice(0, 200));

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/abort/i, 'SIGABRT'],
  [/bus/i, 'SIGBUS'],
  [/floating/i, 'SIGFPE'],
  [/illegal/i, 'SIGILL'],
];
/** A numbered frame of Envoy's; that of the signal itself is nobody's. */
const NUMBERED = /#\d+: (?!__restore_rt|abort |raise )(?<fn>[A-Za-z_][^[]{0,200}?) \[0x/;

function whereFaulted(around: Around): string {
  const at = seek([around.line, ...around.after(3)], /^(?<file>[^\s:]+\.(?:zig|rb|c|cc)):(?<line>\d+):/);
  if (at !== undefined) return place(at['file'] ?? '', at['line']);
  return seek(around.after(8), NUMBERED)?.['fn'] ?? '';
}

/** Bun, Zig, Ruby, Envoy and others tell the address themselves. */
function readOwnFault({ name = '', address = '' }: Groups, around: Around): Finding | undefined {
  // Why, is told on a line before.
  if (/abort/i.test(name) && around.before(6).some((line) => /\bassert/i.test(line))) return undefined;
  const signal = NAMES.find(([pattern]) => pattern.test(name))?.[1];
  const crashClass = signal === undefined ? classOfAccess(address) : signalOf(signal).crashClass;
  const words = signal === undefined ? sayAccess(crashClass, address) : signalOf(signal).words;
  const where = whereFaulted(around);
  return {
    crashClass,
    summary: `the program died: ${words}${where && ` at ${where}`}`,
    key: ['fault', where],
    runtimeKey: `fault|${crashClass}|${where}`,
  };
}

function readJ9({ signal = '' }: Groups): Finding {
  const { crashClass, name, words } = signalOf(String(Number.parseInt(signal, 16)));
  return { crashClass, summary: `the JVM crashed: ${words} (${name})`, key: ['j9', name], runtimeKey: `j9|${name}` };
}

function readThrown(language: string) {
  return ({ name = '', why = '' }: Groups): Finding => ({
    ...told(classOfException(`${name}: ${why}`), `${language}|${name}`, why),
    summary: `uncaught ${name}${why && `: ${why}`}`,
  });
}

function readTerminated({ why = '' }: Groups, around: Around): Finding {
  const rules = [[/could not|couldn't|not find|not found/i, 'startup-config']] as const;
  const fn = seek(around.after(2), /^ +at (?<fn>[\w.`<>+]+)\(/)?.['fn'];
  return told(classBy(why, rules, 'abort'), 'dotnet', `process terminated: ${why}${fn === undefined ? '' : `, in ${fn}`}`);
}

/** The line before says which option, or which class. */
function readLauncher(_: Groups, around: Around): Finding {
  const why = [...around.before(1), around.line].find((line) => /option|main class/.test(line)) ?? around.line;
  return told('startup-config', 'java', why);
}

/** Perl warns in the same words, and goes on. */
const PERL_WARNS = /^(?:Use of uninitialized|Argument "|Deep recursion|Subroutine |isn't numeric)/;
const LAST_LINES = 5;

function readPerl({ why = '', file = '', line }: Groups, around: Around): Finding | undefined {
  if (PERL_WARNS.test(why) || around.after(LAST_LINES + 1).length > LAST_LINES) return undefined;
  const where = place(file, line);
  return {
    crashClass: classOfException(why),
    summary: `it died: ${why} at ${where}`,
    key: ['perl', where],
    runtimeKey: `perl|${where}`,
  };
}

/** Whoever logs with glog ends with what it calls fatal. */
function readGlog({ file = '', line, why = '' }: Groups): Finding {
  const where = place(file, line);
  return {
    crashClass: /^Check failed/.test(why) ? 'assert' : 'abort',
    summary: `fatal: ${why} at ${where}`,
    key: ['glog', where],
    runtimeKey: `glog|${where}`,
  };
}

export const OTHER_RUNTIMES: readonly Signature[] = [
  {
    ...{ hints: ['.go:', '.cc:', '.cpp:'], weight: 'runtime' },
    pattern:
      /^F\d{4,6} \d\d:\d\d:\d\d\.\d+ +\d+ (?<file>[\w./-]{1,100}\.(?:go|cc|cpp)):(?<line>\d+)\]? (?:\[[^\]]{0,60}\] )?(?:\d+ )?(?<why>[^!\s].{0,200})/,
    read: readGlog,
  },
  {
    ...{ hints: ['Unhandled exception:'], weight: 'runtime' },
    pattern: /^Unhandled exception: (?<why>.{1,200}?)(?: \((?<name>[A-Z][\w:]*)\))?$/,
    read: readThrown('crystal'),
  },
  {
    ...{ hints: ['.pl line ', '.pm line ', '.psgi line '], weight: 'soft' },
    pattern: /^(?<why>\S.{1,300}?) at (?<file>\S{1,200}\.(?:pl|pm|psgi)) line (?<line>\d+)\.$/,
    read: readPerl,
  },
  {
    ...{ hints: ['egmentation fault at ', 'suspect faulting address '], weight: 'runtime' },
    pattern:
      /(?:[Ss]egmentation fault at (?:address )?|(?:Caught (?<name>[A-Z][\w ]{2,40}), )?suspect faulting address )(?:0x)?(?<address>[0-9a-f]+)/,
    read: readOwnFault,
  },
  {
    ...{ hints: ['error: Uncaught '], weight: 'runtime' },
    pattern: /^error: Uncaught (?:\(in promise\) )?(?<name>[A-Z]\w*)(?:: (?<why>.*))?/,
    read: readThrown('js'),
  },
  {
    ...{ hints: ['Error: unhandled exception: '], weight: 'runtime' },
    pattern: /^Error: unhandled exception: (?<why>.+) \[(?<name>\w+)\]$/,
    read: readThrown('nim'),
  },
  {
    ...{ hints: ['Fatal error. System.'], weight: 'runtime' },
    pattern: /^Fatal error\. (?<name>System\.[\w.]+)(?:: (?<why>.*))?/,
    read: readThrown('dotnet'),
  },
  {
    ...{ hints: ['Fatal error. '], weight: 'runtime' },
    pattern: /^Fatal error\. (?!System\.)(?<why>[A-Z].+)/,
    read: readTerminated,
  },
  {
    ...{ hints: ['Process terminated. '], weight: 'runtime' },
    pattern: /^Process terminated\. (?<why>.+)/,
    read: readTerminated,
  },
  {
    ...{ hints: ['J9Generic_Signal_Number='], weight: 'runtime' },
    pattern: /J9Generic_Signal_Number=[0-9a-f]+ Signal_Number=(?<signal>[0-9a-f]+)/,
    read: readJ9,
  },
  {
    ...{ hints: ['Could not reserve enough space', 'Terminating due to java.lang.OutOfMemory'], weight: 'runtime' },
    pattern: /^(?:Error: )?(?:Could not reserve enough space|Terminating due to java\.lang\.OutOfMemoryError)/,
    read: as('oom', 'java'),
  },
  {
    ...{ hints: ['Error: Could not '], weight: 'runtime' },
    pattern: /^Error: Could not (?:find or load main class|create the Java Virtual Machine)/,
    read: readLauncher,
  },
  {
    ...{ hints: ['_alloc: Cannot ', ': Heap exhausted'], weight: 'runtime' },
    pattern: /^(?:Slogan: )?\w+_alloc: Cannot (?:re)?allocate \d+ bytes of memory|^[^\s:]{1,60}: Heap exhausted/,
    read: as('oom', 'heap'),
  },
  {
    ...{ hints: ['Kernel pid terminated ('], weight: 'runtime' },
    pattern: /^Kernel pid terminated \(/,
    read: as('nonzero-exit', 'erlang'),
  },
  {
    ...{ hints: [': internal error: '], weight: 'runtime' },
    pattern: /^[^\s:]{1,60}: internal error: (?<why>.+)/,
    read: ({ why = '' }, around) =>
      seek(around.after(2), /\(GHC version /) === undefined ? undefined : told('abort', 'ghc', `internal error: ${why}`),
  },
];
