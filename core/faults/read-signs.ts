/**
 * The strongest sign in a text of why it ends. Hostile text costs little: a pattern is tried only on lines that contain
 * its hint, each at most once, each cut to a bounded length.
 */
import { lineAt, linesWith } from './console-text.ts';
import type { Line } from './console-text.ts';
import type { Platform } from './fault.ts';
import type { Around, Finding, Groups, Signature, Weight } from './signature.ts';
import { WEIGHTS } from './signature.ts';
import { COMPILED } from './signatures/compiled.ts';
import { ENDS } from './signatures/ends.ts';
import { OTHER_RUNTIMES } from './signatures/other-runtimes.ts';
import { LIBC } from './signatures/libc.ts';
import { LINUX } from './signatures/linux.ts';
import { MANAGED } from './signatures/managed.ts';
import { NANOS } from './signatures/nanos.ts';
import { OTHER_GUESTS } from './signatures/other-guests.ts';
import { OSV } from './signatures/osv.ts';
import { SERVICES } from './signatures/services.ts';
import { SOLO5 } from './signatures/solo5.ts';
import { LEAVES, STOPS } from './signatures/stops.ts';
import { UNIKRAFT } from './signatures/unikraft.ts';
import { CLAIMS, WORDS } from './signatures/words.ts';

const ALL = [
  ...LINUX,
  ...NANOS,
  ...UNIKRAFT,
  ...SOLO5,
  ...OSV,
  ...OTHER_GUESTS,
  ...LIBC,
  ...COMPILED,
  ...MANAGED,
  ...OTHER_RUNTIMES,
  ...CLAIMS,
  ...SERVICES,
  ...STOPS,
  ...ENDS,
  ...LEAVES,
  ...WORDS,
];

/** Strongest first; among equals as they are listed. */
export const SIGNATURES: readonly Signature[] = WEIGHTS.flatMap((weight) => ALL.filter((one) => one.weight === weight));

export interface Sign extends Finding {
  readonly weight: Weight;
  readonly evidence: string;
  /** Where it stands in its text. */
  readonly at: number;
  readonly platform?: Platform;
}

export function readSigns(text: string, signatures = SIGNATURES, counts: (sign: Sign) => boolean = () => true): Sign | undefined {
  for (const signature of signatures) {
    const sign = readSign(text, signature);
    if (sign && counts(sign)) return sign;
  }
  return undefined;
}

interface Match {
  readonly line: Line;
  readonly groups: Groups;
}

/** Of what it may survive the last counts. A kernel's first fault is the cause, and those after it are its doing. */
function readSign(text: string, signature: Signature): Sign | undefined {
  const { weight, platform, read } = signature;
  const matches = matchesOf(text, signature);
  const [first] = matches;
  const tries = weight === 'kernel' ? [first] : [...new Set([matches.at(-1), matches.at(-2), first])];
  for (const match of tries) {
    const around = match && aroundOf(text, match.line);
    const found = around && read(match.groups, around);
    if (!found) continue;
    const evidence = [around.line, ...(found.lines ?? [])].join('\n');
    return { ...found, weight, evidence, at: match.line.start, ...(platform && { platform }) };
  }
  return undefined;
}

function matchesOf(text: string, { hints, pattern }: Signature): readonly Match[] {
  const matches: Match[] = [];
  for (const hint of hints) {
    for (const line of linesWith(text, hint)) {
      const { text: own } = toLine(line.line);
      const found = QUOTES.test(own) ? null : pattern.exec(own);
      if (found) matches.push({ line, groups: found.groups ?? {} });
    }
  }
  return hints.length === 1 ? matches : matches.toSorted((one, other) => one.line.start - other.line.start);
}

/** Lines that repeat the words of others: what the kernel was started with, and what clients ask for. */
const QUOTES = /^(?:Kernel )?[Cc]ommand line: |"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE) [^"]{0,500} HTTP\/\d/;

/** The kernel's clock; twice where somebody else stamps what a kernel prints. A BIOS leaves its last line open. */
const CLOCK = /^(?:<\d{1,3}>)?(?:(?:Booting from [A-Z]{3}\.*)? ?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?){1,2}/;
/** A host stands only before whoever has a process id: before others it would be how bad they think it is. */
const HOST = String.raw`(?:[\w.-]{1,64} (?=kernel: |[\w./@-]{1,40}\[\d+\]: ))?`;
const SYSLOG = new RegExp(
  [
    String.raw`^(?:\[\d{4}-\d\d-\d\d[ T][\d:.,]+Z?\] `,
    String.raw`\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)? ${HOST}`,
    String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+ | [\w.-]+ )`,
    String.raw`[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} [a-z]{1,10}\.[a-z]{1,10} `,
    String.raw`[\w.-]{1,40} +\| )`,
  ].join('|'),
);
const KERNEL = 'kernel: ';
/** Whose line it is; the kernel names processes in the same way. */
const PROGRAM = /^[\w./@-]{1,60}\[\d+\]: (?!segfault at|unhandled |undefined instruction)/;

/** A terminal that waits for somebody leaves its line open. */
const PROMPT = /^[\w.-]{1,64} login: /;

/** Without what a kernel, a log or a supervisor puts before it. A log that keeps what the kernel says keeps its clock too. */
export function toLine(raw: string): { readonly text: string; readonly isStamped: boolean } {
  const said = raw.replace(PROMPT, '');
  const text = said.replace(CLOCK, '');
  const own = text.replace(PROMPT, '').replace(SYSLOG, '');
  const kernels = own.startsWith(KERNEL) ? own.slice(KERNEL.length).replace(CLOCK, '') : undefined;
  return { text: kernels ?? own.replace(PROGRAM, ''), isStamped: kernels !== undefined || text.length < said.length };
}

/** The kernel writes between the lines of a program: those of the same writer count. */
function aroundOf(text: string, { start, end, line: raw }: Line): Around {
  const own = toLine(raw);
  const collect = (lines: Iterable<string>, count: number) => {
    const found: string[] = [];
    for (const line of lines) {
      const other = toLine(line);
      if (other.isStamped === own.isStamped) found.push(other.text);
      if (found.length === count) break;
    }
    return found;
  };
  return {
    line: own.text,
    after: (count) => collect(linesAfter(text, end), count),
    before: (count) => collect(linesBefore(text, start), count).reverse(),
  };
}

/** Further away nothing belongs together. */
const FARTHEST = 250;

function* linesAfter(text: string, end: number): Generator<string> {
  for (let at = end + 1, seen = 0; at < text.length && seen < FARTHEST; seen++) {
    const found = lineAt(text, at);
    if (found.end > found.start) yield found.line;
    at = found.end + 1;
  }
}

function* linesBefore(text: string, start: number): Generator<string> {
  for (let end = start - 1, seen = 0; end > 0 && seen < FARTHEST; seen++) {
    const from = text.lastIndexOf('\n', end - 1) + 1;
    if (end > from) yield lineAt(text, from).line;
    end = from - 1;
  }
}
