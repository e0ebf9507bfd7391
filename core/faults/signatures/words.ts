/** Failures in words that nobody has agreed on: assertions with their place, and mere words. */
import type { CrashClass } from '../fault.ts';
import { normalize, place } from '../fingerprint.ts';
import type { Around, Finding, Signature } from '../signature.ts';
import { bare } from './stops.ts';

/** Its writer does not think that anything ends. (An ERROR of Postgres, with two blanks, is a client's.) */
const LEVELS = 'info|debug|trace|notice|warn|warning|log|note';
export const HARMLESS = new RegExp(
  String.raw`\b(?:INFO|INF|DEBUG|DBG|TRACE|NOTICE|WARN|WRN|WARNING)\b|(?:\[|\blevel"?[=:] ?"?)(?:${LEVELS})\b|\b(?:${LEVELS}):|\[(?:Warning|Note)\]|\b(?:LOG|NOTE): |\bERROR: {2}(?! )` +
    String.raw`|^(?:PASS\b|refcount_t: )|\b(?:[Ll]oad|[Rr]egister|[Ii]nstall|[Rr]ecover|[Ii]gnor|[Hh]andl)ed\b|\b[Ee]nabled\b`,
);

const SOURCE = 'c|cc|cpp|cxx|h|hh|hpp|inl|ic|rs|go|ml|zig';
/** `cart.c:31` · `cart.c line 31` · `file "cart.c", line 31` · `File: "cart.c", Line: 31` · `cart.cc(31)` */
const PLACE = new RegExp(
  String.raw`(?<![\w./-])(?<file>[\w./-]{1,200}\.(?:${SOURCE}))"?(?:: ?|[([]|[,:]? [Ll]ine:? | )(?<line>\d+)\b`,
);

/** Of what others have said, only that somebody quotes it. Of JSON everything is in quotes. */
const QUOTED = /"[^"]*"|(?<=[\s(=,])'[^']*'/g;
const outspoken = (line: string) => (line.startsWith('{') ? line : line.replace(QUOTED, '""'));

/** A place in a source is what stays the same of a line. */
function told(crashClass: CrashClass, line: string): Finding {
  const { file, line: at } = PLACE.exec(line)?.groups ?? {};
  const same = file === undefined ? normalize(bare(line)) : place(file, at);
  return { crashClass, summary: bare(line), key: [same], runtimeKey: `${crashClass}|${same}` };
}

const ASSERTION =
  /\bassert(?:ion)?\b.{0,200}\bfail|\bASSERT(?:ION)? FAILED|\bfailed \w{0,20}assert|\bASSERT: |\bAssert error in (?!\w+_handler\()|\] Check failed: /i;
const ASSERTIONS = ['ssert', 'SSERT', 'Check failed: '];

export const CLAIMS: readonly Signature[] = [
  {
    ...{ hints: ASSERTIONS, weight: 'claim' },
    pattern: ASSERTION,
    read: (_, { line }: Around) => (HARMLESS.test(line) || !PLACE.test(line) ? undefined : told('assert', line)),
  },
];

/** Mere words, when nothing that is known says more. */
const word = (hints: readonly string[], pattern: RegExp, crashClass: CrashClass): Signature => ({
  hints,
  pattern,
  weight: 'word',
  read: (_, { line }) => (HARMLESS.test(line) || !pattern.test(outspoken(line)) ? undefined : told(crashClass, line)),
});

export const WORDS: readonly Signature[] = [
  word(
    [
      'ut of memory',
      'UT OF MEMORY',
      'ut Of Memory',
      'OutOfMemory',
      'not enough memory',
      'ailed to allocate',
      'annot allocate',
      'eap exhausted',
    ],
    /out of memory|OutOfMemory|not enough memory|\bheap exhausted|failed to allocate (?:\d+ bytes|memory)|cannot allocate (?:\d+ bytes|memory)/i,
    'oom',
  ),
  word(ASSERTIONS, ASSERTION, 'assert'),
  word(
    [
      'ouble free',
      'eap corruption',
      'use-after-free',
      'se after free',
      'se After Free',
      'orrupt',
      'nvalid pointer',
      'nvalid free',
    ],
    /double free|heap corruption|use.after.free|\bcorrupt\w* (?:chunk|heap)|\bfree invalid pointer|\binvalid free/i,
    'heap-corruption',
  ),
  word(['tack overflow', 'tack exhausted'], /stack (?:overflow|exhausted)/i, 'stack-overflow'),
  word(['egmentation fault', 'SIGSEGV', 'iolation'], /segment(?:ation)? (?:fault|violation)|SIGSEGV/i, 'segv'),
  word(['us error'], /\bbus error\b/i, 'segv'),
  word(['reakpoint trap'], /breakpoint trap/i, 'abort'),
  word(['llegal instruction', 'SIGILL'], /illegal instruction|SIGILL/i, 'illegal-instruction'),
  word(
    ['loating point exception', 'ivision by zero', 'ivide by zero', 'SIGFPE'],
    /floating point exception|divi\w+ by zero|SIGFPE/i,
    'arithmetic',
  ),
  // Not where it is the name of a thing that has a value.
  word(['anic'], /(?<![\w./-])panic(?![\w/=-]|\.\w)/i, 'abort'),
  // As a shell tells it, or at the end of what a program says.
  word(
    ['bort', 'SIGABRT'],
    /SIGABRT|\babort(?:ed)? \(core dumped|(?:^|[\s,;:.-] ?)abort(?:ed|ing)?(?:\(\))?[\s.!]*$|^\W{0,5}abort(?:ed|ing)\b/i,
    'abort',
  ),
];
