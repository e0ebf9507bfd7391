/** What a node died of: by what its console says, else by what its disk says, else by how it ended. Pure. */
import type { ConsoleText } from './console-text.ts';
import { lineAt, readConsole } from './console-text.ts';
import type { End } from './classify-end.ts';
import { classifyEnd, logOfRecord } from './classify-end.ts';
import type { Crash, CrashFacts, Platform } from './fault.ts';
import { explained } from './explain.ts';
import { fingerprintOf } from './fingerprint.ts';
import { isOutlived } from './outlived.ts';
import { platformOf } from './platform.ts';
import type { Sign } from './read-signs.ts';
import { readSigns, SIGNATURES } from './read-signs.ts';
import type { Weight } from './signature.ts';
import { WEIGHTS } from './signature.ts';

const LONGEST_SUMMARY = 240;
const MOST_EVIDENCE = 1_000;

export function classify(facts: CrashFacts): Crash {
  const { console, sign: strongest } = readStrongest(readConsole(facts.console), facts);
  const record = logOfRecord(facts);
  const [best] = [causeIn(console, strongest, facts), readSigns(record)]
    .flatMap((sign) => (sign && !isOutdone(sign, facts) ? [sign] : []))
    .sort((one, other) => strength(one.weight) - strength(other.weight));
  const text = [console.text, console.before, record].find((one) => one.trim() !== '') ?? '';
  return toCrash(best ?? classifyEnd(facts, console), best?.platform ?? platformOf(text));
}

const strength = (weight: Weight) => WEIGHTS.indexOf(weight);
const ENDS = SIGNATURES.filter(({ weight }) => weight === 'end');
const SIGNALS = SIGNATURES.filter(({ weight }) => weight === 'signal');

/** What a program says of itself, and may survive. */
const OF_ITSELF: readonly Weight[] = ['claim', 'soft', 'word'];
/** And what tells no cause. */
const WEAK: readonly Weight[] = [...OF_ITSELF, 'end'];

/** What has said this many lines more has gone on. */
const LONG_AGO = 200;
const isPast = (text: string, { crashClass, at }: Sign) =>
  crashClass !== 'hang' && text.slice(at).split('\n', LONG_AGO + 1).length > LONG_AGO;

/** Who ends with 0, or because he was told to, did not end of what he said before. */
const endsWell = ({ crashClass }: Sign) => crashClass === 'clean-exit' || crashClass === 'sigterm';

function strongestIn(text: string, facts: CrashFacts['end']): Sign | undefined {
  const end = readSigns(text, ENDS);
  const isSurvived = (sign: Sign) => isPast(text, sign) || (end !== undefined && endsWell(end) && sign.at < end.at);
  const counts = (sign: Sign) => (OF_ITSELF.includes(sign.weight) ? !isSurvived(sign) : !isOutlived(text, sign, facts));
  return readSigns(text, SIGNATURES, counts);
}

/** A kernel's watchdogs, and whoever interrupts one that hangs, wait longer than that. */
const SOONEST_HANG_SECONDS = 20;
/** A Linux node that has crashed tells where, and then ends: one that is still there after that long hangs. */
const LATEST_HANG_SECONDS = 180;

interface Read {
  readonly console: ConsoleText;
  readonly sign: Sign | undefined;
}

/**
 * One that starts again and again is interrupted in one of its boots, and one that has crashed while it tells of it: what
 * the interrupt showed is not what it died of.
 */
function readStrongest(console: ConsoleText, { end }: CrashFacts): Read {
  const { text, boots } = console;
  const sign = strongestIn(text, end);
  const at = sign?.crashClass === 'hang' ? clockAt(text, sign.at) : undefined;
  if (sign === undefined || at === undefined) return { console, sign };
  const before = text.slice(0, sign.at);
  const isStarting = boots > 1 && at < SOONEST_HANG_SECONDS;
  if (!isStarting && !hasJustDied(before, at, end)) return { console, sign };
  return { console: { ...console, text: before }, sign: strongestIn(before, end) };
}

function hasJustDied(text: string, now: number, end: CrashFacts['end']): boolean {
  const died = readSigns(text, SIGNALS, (sign) => !isOutlived(text, sign, end));
  const at = died && clockAt(text, died.at);
  return at !== undefined && now - at < LATEST_HANG_SECONDS;
}

/** Seconds since its kernel started, of a line of the kernel's. */
function clockAt(text: string, at: number): number | undefined {
  const seconds = /^\[ *(\d+)\.\d+\]/.exec(lineAt(text, text.lastIndexOf('\n', at - 1) + 1).line)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function causeIn({ text, boots }: ConsoleText, sign: Sign | undefined, { end }: CrashFacts): Sign | undefined {
  if (sign === undefined) return undefined;
  const cause = explained(text, sign, end);
  if (!WEAK.includes(sign.weight)) return cause;
  // One that boots again and again is told by that, unless its last boot says clearly why.
  if (boots > 1) return undefined;
  // A program that said something bad and whose machine runs on has survived it, unless its end is told too.
  const survived = end.state === 'running' && sign.crashClass !== 'hang' && readSigns(text, ENDS) === undefined;
  return survived ? undefined : cause;
}

/** A status on the disk says more than a word somewhere in a log. */
const isOutdone = ({ weight }: Sign, { exitRecord = '' }: CrashFacts) => weight === 'word' && exitRecord.startsWith('exit code');

function toCrash(found: End, platform: Platform): Crash {
  const { crashClass, key, runtimeKey = '' } = found;
  return {
    crashClass,
    summary: oneLine(found.summary),
    // Where the runtime speaks it says the same in both builds; what the kernels say of it differs.
    fingerprint: fingerprintOf(runtimeKey || [crashClass, ...key].join('|')),
    runtimeKey,
    platform,
    evidence: found.evidence.slice(0, MOST_EVIDENCE),
  };
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_SUMMARY ? `${line.slice(0, LONGEST_SUMMARY)}…` : line;
}
