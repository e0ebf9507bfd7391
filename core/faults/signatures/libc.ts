/** What C libraries and sanitizers say before they abort. An assertion reads the same in every build and library. */
import type { CrashClass } from '../fault.ts';
import { normalize, place } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { classBy, seek } from '../signature.ts';
import { classOfAccess, signalOf } from '../signals.ts';

/** The C library asserts that its heap is in order; where it is not, the program has written over it. */
const HEAP_CHECK = /^(?:sysmalloc|_int_\w+|__libc_\w+|munmap_chunk|tcache_\w+|unlink_chunk)$/;

export function assertion({ file = '', line, expr = '', fn = '' }: Groups): Finding {
  const where = place(file, line);
  return {
    crashClass: file === 'malloc.c' && HEAP_CHECK.test(fn) ? 'heap-corruption' : 'assert',
    summary: `assertion "${expr}" failed at ${where}${fn === '' ? '' : ` in ${fn}`}`,
    key: ['assert', where, expr],
    runtimeKey: `assert|${where}|${normalize(expr)}`,
  };
}

/** Older libraries put the program before it, and the address after. */
function readHeap({ told = '' }: Groups): Finding {
  const what = told.replace(/: 0x[0-9a-f]+ \*\*\*$/, '').slice(0, 120);
  return {
    crashClass: 'heap-corruption',
    summary: `heap corruption: ${what}`,
    key: ['heap', normalize(what)],
    runtimeKey: `heap|${normalize(what)}`,
  };
}

const SANITIZED: readonly (readonly [RegExp, CrashClass])[] = [
  [/^stack-(?:overflow|buffer)|dynamic-stack/, 'stack-overflow'],
  [/out-of-memory|allocation-size|calloc-overflow|rss-limit/, 'oom'],
  [/^FPE/, 'arithmetic'],
  [/^ILL/, 'illegal-instruction'],
  [/^ABRT/, 'abort'],
  [/^BUS/, 'segv'],
  [/overflow|use-after|double-free|free|alloc-dealloc|container|heap|bad-malloc|mismatch/, 'heap-corruption'],
  [/data-race|leak|detected memory/, 'nonzero-exit'],
];

const SUMMARY = /^SUMMARY: \w+Sanitizer: [\w-]+ (?<file>[^\s:]+):(?<line>\d+)(?::\d+)?(?: in (?<fn>.+))?/;

function readSanitizer({ tool = '', kind = '', address }: Groups, around: Around): Finding {
  const crashClass = kind === 'SEGV' ? classOfAccess(address ?? '1000') : classBy(kind, SANITIZED, 'abort');
  const found = seek(around.after(120), SUMMARY);
  const where =
    found === undefined ? '' : `${place(found['file'] ?? '', found['line'])}${found['fn'] ? ` in ${found['fn']}` : ''}`;
  return {
    crashClass,
    summary: `${tool}: ${kind}${where && ` at ${where}`}`,
    key: [tool, kind, where],
    ...(where && { runtimeKey: `sanitizer|${kind}|${where}` }),
  };
}

const UNDEFINED: readonly (readonly [RegExp, CrashClass])[] = [
  [/null pointer/, 'null-deref'],
  [/division by zero|overflow|shift|outside the range/, 'arithmetic'],
  [/out of bounds|misaligned/, 'segv'],
];

function readUndefined({ file = '', line, why = '' }: Groups): Finding {
  const where = place(file, line);
  const crashClass = classBy(why, UNDEFINED, 'abort');
  return { crashClass, summary: `undefined behaviour at ${where}: ${why}`, key: ['ubsan', where, normalize(why)] };
}

function readTerminate({ type = '' }: Groups, around: Around): Finding {
  const why = seek(around.after(4), /^ +what\(\): +(?<why>.*)/)?.['why'] ?? '';
  const crashClass = type === 'std::bad_alloc' ? 'oom' : 'abort';
  const what = type === '' ? 'it called std::terminate' : `uncaught ${type}`;
  return {
    crashClass,
    summary: `${what}${why && `: ${why}`}`,
    key: ['terminate', type, normalize(why)],
    runtimeKey: `cxx|${type}|${normalize(why)}`,
  };
}

/** glog and abseil print the values after the condition. */
const readCheck = ({ expr = '', ...rest }: Groups): Finding => assertion({ ...rest, expr: expr.replace(/ \([^()]*\) *$/, '') });

/** A handler in the program that tells its own signal. */
function readOwnSignal({ name = '', address = '' }: Groups): Finding {
  const { crashClass, words } = signalOf(name);
  const found = crashClass === 'segv' ? classOfAccess(address) : crashClass;
  return { crashClass: found, summary: `the program died: ${words} (${name})`, key: [name], runtimeKey: `${found}|${name}` };
}

function readGlibc(groups: Groups): Finding {
  if (groups['file'] !== undefined) return assertion(groups);
  const { why = '' } = groups;
  const crashClass = why.startsWith('CPU does not support') ? 'startup-config' : 'abort';
  return {
    crashClass,
    summary: `fatal glibc error: ${why}`,
    key: ['glibc', normalize(why)],
    runtimeKey: `glibc|${normalize(why)}`,
  };
}

function readLibcxx({ type = '', why = '' }: Groups): Finding {
  const crashClass = type === 'std::bad_alloc' ? 'oom' : 'abort';
  const what = type === '' ? why : `uncaught ${type}${why && `: ${why}`}`;
  return { crashClass, summary: what, key: ['terminate', type, normalize(why)], runtimeKey: `cxx|${type}|${normalize(why)}` };
}

const smashed = (_: Groups, { line }: Around): Finding => ({
  crashClass: line.includes('stack smashing') ? 'stack-overflow' : 'heap-corruption',
  summary: line
    .replace(/\*\*\*/g, '')
    .trim()
    .slice(0, 120),
  key: ['fortify', line.includes('stack smashing') ? 'stack' : 'buffer'],
  runtimeKey: `fortify|${line.includes('stack smashing') ? 'stack' : 'buffer'}`,
});

export const LIBC: readonly Signature[] = [
  {
    ...{ hints: ['Sanitizer: '], weight: 'runtime' },
    pattern:
      /^==\d+==\s?(?:ERROR|WARNING): (?<tool>\w+Sanitizer): (?:attempting )?(?<kind>[\w-]+)(?:.{0,40}? address 0x(?<address>[0-9a-f]+))?/,
    read: readSanitizer,
  },
  {
    // glibc
    ...{ hints: [': Assertion `'], weight: 'runtime' },
    pattern: /^[^:]{1,60}: (?<file>[^:\s]+):(?<line>\d+): (?<fn>.{1,200}?): Assertion `(?<expr>.+)' failed/,
    read: assertion,
  },
  {
    // libstdc++
    ...{ hints: [": Assertion '"], weight: 'runtime' },
    pattern: /^(?<file>[^:\s]+):(?<line>\d+): .{1,500}: Assertion '(?<expr>.+)' failed/,
    read: assertion,
  },
  {
    // musl, OSv; processors of OSv write into each other's lines
    ...{ hints: ['Assertion failed: '], weight: 'runtime' },
    pattern: /Assertion failed: (?<expr>.+) \((?<file>[^\s:()]+): (?<fn>[^()]*(?:\([^()]*\))?[^()]*): (?<line>\d+)\)$/,
    read: assertion,
  },
  {
    // newlib
    ...{ hints: ['assertion "'], weight: 'runtime' },
    pattern: /^assertion "(?<expr>.+)" failed: file "(?<file>[^"]+)", line (?<line>\d+)(?:, function: (?<fn>.+))?$/,
    read: assertion,
  },
  {
    ...{ hints: ['free()', 'malloc', 'realloc()', 'munmap_chunk()', 'corrupted ', 'double free'], weight: 'runtime' },
    pattern:
      /^(?:\*\*\* (?:Error in `[^']{1,200}'|glibc detected \*\*\* [^:]{1,200}): )?(?<told>(?:(?:free|malloc|realloc|munmap_chunk|malloc_consolidate)\(\): \w|corrupted (?:size|double-linked)|double free or corruption|malloc: ).*)/,
    read: readHeap,
  },
  {
    ...{ hints: ['*** stack smashing', '*** buffer overflow', '*** bit out of range', '*** %n in'], weight: 'runtime' },
    pattern: /^\*\*\* (?:stack smashing detected|buffer overflow detected|bit out of range|%n in writable segment)/,
    read: smashed,
  },
  {
    ...{ hints: ['terminate called '], weight: 'runtime' },
    pattern: /^terminate called (?:after throwing an instance of '(?<type>[^']+)|without an active exception|recursively)/,
    read: readTerminate,
  },
  {
    ...{ hints: ['libc++abi: '], weight: 'runtime' },
    pattern:
      /^libc\+\+abi: (?:terminating (?:due to|with) uncaught exception of type (?<type>[^:\s]+(?:::[^:\s]+)*)(?:: (?<why>.*))?|(?:terminating|Pure virtual|Deleted virtual).*)/,
    read: readLibcxx,
  },
  {
    ...{ hints: ['] Check failed: '], weight: 'runtime' },
    pattern: /^F\d{4,8} [\d:.]+ +\d+ (?<file>[^\s:]+):(?<line>\d+)\] Check failed: (?<expr>.+)/,
    read: readCheck,
  },
  {
    ...{ hints: [') received by PID '], weight: 'runtime' },
    pattern: /^\*\*\* (?<name>SIG\w+) \(@0x(?<address>[0-9a-f]+)\) received by PID /,
    read: readOwnSignal,
  },
  {
    ...{ hints: ['Fatal glibc error: '], weight: 'runtime' },
    pattern: /^Fatal glibc error: (?:(?<file>[^\s:]+):(?<line>\d+) \((?<fn>[^)]+)\): assertion failed: (?<expr>.+)|(?<why>.+))/,
    read: readGlibc,
  },
  {
    ...{ hints: [': runtime error: '], weight: 'soft' },
    pattern: /^(?<file>[^\s:]+):(?<line>\d+):\d+: runtime error: (?<why>.+)/,
    read: readUndefined,
  },
];
