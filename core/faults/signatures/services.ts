/** What well-known services say of their own end, and of configurations they refuse. */
import type { CrashClass } from '../fault.ts';
import { normalize } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { seek } from '../signature.ts';
import { isNull, signalOf } from '../signals.ts';
import { backtraceIn } from './backtrace.ts';
import { assertion } from './libc.ts';

/** Where it tells which address and which functions, it says more than its signal. */
function bySignal({ who = 'it', signal = '' }: Groups, around: Around): Finding {
  const { crashClass, name, words } = signalOf(signal);
  const address = seek(around.after(6), /\b(?:Accessing a|A)ddress: (?:\(nil\)|NULL|(?<address>0x[0-9a-f]+))/);
  const isNullAccess = crashClass === 'segv' && address !== undefined && isNull(address['address'] ?? '0');
  const frames = backtraceIn(around);
  const where = frames[0] === undefined ? '' : ` in ${frames[0]}`;
  return {
    crashClass: isNullAccess ? 'null-deref' : crashClass,
    summary: `${who.trim()} died: ${isNullAccess ? 'null pointer dereference' : words} (${name})${where}`,
    key: [name, normalize(who), ...frames],
  };
}

function readAssertion(groups: Groups): Finding {
  if (groups['file'] !== undefined) return assertion(groups);
  return { crashClass: 'assert', summary: 'an assertion failed', key: ['assert'] };
}

const refused = ({ why = '' }: Groups): Finding => ({
  crashClass: 'startup-config',
  summary: `it could not start: ${why}`,
  key: ['startup', normalize(why)],
  runtimeKey: `startup|${normalize(why)}`,
});

const ended =
  (crashClass: CrashClass) =>
  ({ why = '' }: Groups): Finding => ({
    crashClass,
    summary: why.trim(),
    key: [normalize(why)],
  });

export const SERVICES: readonly Signature[] = [
  {
    ...{ hints: ['FATAL: bug condition'], weight: 'runtime' },
    pattern: /^FATAL: bug condition "(?<expr>.+)" matched at (?<file>[^:\s]+):(?<line>\d+)/,
    read: assertion,
  },
  {
    ...{ hints: ['REQUIRE(', 'ENSURE(', 'INSIST(', 'INVARIANT(', 'RUNTIME_CHECK('], weight: 'runtime' },
    pattern:
      /(?<![\w./])(?<file>[\w./]{1,100}\.[ch]):(?<line>\d+): (?:REQUIRE|ENSURE|INSIST|INVARIANT|RUNTIME_CHECK)\((?<expr>.+)\) failed/,
    read: assertion,
  },
  {
    ...{ hints: ['=== ASSERTION FAILED'], weight: 'service' },
    pattern: /=== ASSERTION FAILED/,
    read: (_, around) => {
      const found = around
        .after(4)
        .map((line) => /==> (?<file>[^:\s]+):(?<line>\d+) '(?<expr>.+)' is not true/.exec(line)?.groups);
      return readAssertion(found.find((one) => one !== undefined) ?? {});
    },
  },
  {
    ...{ hints: [' crashed by signal: '], weight: 'service' },
    pattern: /(?<who>Redis|Valkey|KeyDB) \S+ crashed by signal: (?<signal>\d+)/,
    read: bySignal,
  },
  {
    // Tor
    ...{ hints: [' failed in '], weight: 'service' },
    pattern: /\bAssertion (?<expr>.{1,300}) failed in (?<fn>\w+) at (?<file>[^\s:]+):(?<line>\d+)/,
    read: assertion,
  },
  {
    // MongoDB
    ...{ hints: ['Fatal Assertion ', 'Fatal assertion'], weight: 'service' },
    pattern:
      /Fatal [Aa]ssertion(?: (?<id>\d+)(?: at (?<file>\S+) (?<line>\d+))?|","attr":\{"msgid":(?<msgid>\d+).{0,300}?"file":"(?<path>[^"]+)","line":(?<at>\d+))/,
    read: ({ id, msgid, file, path, line, at }) =>
      readAssertion({ expr: `fatal assertion ${id ?? msgid ?? ''}`, file: file ?? path, line: line ?? at }),
  },
  {
    // MongoDB
    ...{ hints: ['Invariant failure'], weight: 'service' },
    pattern: /Invariant failure(?:","attr":\{"expr":"(?<expr>[^"]*)","file":"(?<file>[^"]+)","line":(?<line>\d+))?/,
    read: readAssertion,
  },
  {
    // gunicorn
    ...{ hints: ['Worker failed to boot'], weight: 'service' },
    pattern: /(?<why>Worker failed to boot)/,
    read: refused,
  },
  {
    ...{ hints: [' exited on signal '], weight: 'service' },
    pattern: /: (?<who>[\w ]{1,60}) \d+ exited on signal (?<signal>\d+)/,
    read: bySignal,
  },
  {
    ...{ hints: [' got signal '], weight: 'service' },
    pattern: /(?<who>mysqld|mariadbd) got signal (?<signal>\d+)/,
    read: bySignal,
  },
  {
    // ClickHouse
    ...{ hints: ['eceived signal '], weight: 'service' },
    pattern: /\b[Rr]eceived signal (?!SIGTERM|SIGINT)[A-Z][A-Za-z ]{1,40}\((?<signal>(?!15\b|2\b)\d{1,2})\)/,
    read: bySignal,
  },
  {
    ...{ hints: [' was terminated by signal '], weight: 'service' },
    pattern: /(?<who>[\w ]{1,60}) \(PID \d+\) was terminated by signal (?<signal>\d+)/,
    read: bySignal,
  },
  { ...{ hints: ['PANIC:  '], weight: 'service' }, pattern: /\b(?<why>PANIC: {2}.+)/, read: ended('abort') },
  {
    ...{ hints: [' is about to kill the process'], weight: 'service' },
    pattern: /^(?:\* )?(?<why>Thread \d+ is about to kill the process)/,
    read: ended('hang'),
  },
  {
    ...{ hints: ['[emerg]', 'nginx: ['], weight: 'service' },
    pattern: /\[emerg\] (?:\d+#\d+: )?(?<why>.+)/,
    read: refused,
  },
  {
    ...{ hints: ['FATAL CONFIG FILE ERROR'], weight: 'service' },
    pattern: /\*\*\* FATAL CONFIG FILE ERROR/,
    read: (_, around) =>
      refused({ why: around.after(4).find((line) => !/^Reading|^>>>/.test(line)) ?? 'its configuration is wrong' }),
  },
  {
    ...{ hints: ['[ALERT]'], weight: 'service' },
    pattern: /\[ALERT\].*(?:config|parsing) ?: (?<why>.+)/,
    read: refused,
  },
  {
    ...{ hints: ['Options error: '], weight: 'service' },
    pattern: /Options error: (?<why>.+)/,
    read: refused,
  },
  {
    ...{ hints: ['Reading config failed'], weight: 'service' },
    pattern: /(?<why>Reading config failed.*)/,
    read: refused,
  },
  {
    ...{ hints: ['loading configuration: ', 'configuration file '], weight: 'service' },
    pattern: /(?<why>loading configuration: (?!from).+|configuration file .{1,200} contains errors)/,
    read: refused,
  },
  {
    ...{
      hints: ['loading shared librar', 'Error relocating ', 'symbol lookup error: ', "' not found (required by "],
      weight: 'service',
    },
    pattern:
      /(?:error while loading shared libraries: |Error loading shared library |Error relocating |symbol lookup error: |: version `)(?<why>.+)/,
    read: refused,
  },
  {
    // OSv
    ...{ hints: ['Failed to load object: ', 'cannot execute '], weight: 'service' },
    pattern: /^(?:run_main\(\): )?(?<why>(?:Failed to load object: |cannot execute ).+)/,
    read: refused,
  },
  {
    ...{ hints: ['xec format error', 'ddress already in use'], weight: 'soft' },
    pattern: /[Ee]xec format error|[Aa]ddress already in use/,
    read: (_, { line }) => refused({ why: line.trim().slice(0, 200) }),
  },
];
