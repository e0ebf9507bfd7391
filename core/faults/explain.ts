/** Of an end only the signal or the status may be told: why, is in what was said just before it. */
import type { CrashClass, EndFacts } from './fault.ts';
import type { Sign } from './read-signs.ts';
import { readSigns, SIGNATURES } from './read-signs.ts';
import { aboutIn, isAbout } from './refusals.ts';
import type { Weight } from './signature.ts';

const BARE: readonly Weight[] = ['signal', 'service', 'end'];
/** Mere words, and what a thread said of itself: a runtime that aborts lets the kernel tell only the signal. */
const SAID = SIGNATURES.filter(({ weight }) => weight === 'soft' || weight === 'word');

/** Who aborts himself says why, and an allocator that finds the heap broken does it so or by a fault. */
const CAUSES: Partial<Record<CrashClass, readonly CrashClass[]>> = {
  abort: ['assert', 'oom', 'heap-corruption', 'stack-overflow', 'abort'],
  segv: ['heap-corruption'],
  'nonzero-exit': ['oom', 'assert'],
};

const LINES_BEFORE = 40;
/** A kernel's line may come before the program's last. */
const LINES_AFTER = 10;

function near(text: string, at: number): string {
  const before = text.slice(0, at).split('\n').slice(-LINES_BEFORE);
  const after = text.slice(at).split('\n', LINES_AFTER + 1);
  return [...before, ...after].join('\n');
}

export function explained(text: string, sign: Sign, { wasHealthy, state }: EndFacts): Sign {
  const hasEnded = state !== 'running' && state !== 'pending';
  const cause = BARE.includes(sign.weight) ? wordsFor(text, sign) : undefined;
  return cause ?? (wasHealthy || !hasEnded ? sign : unstarted(text, sign));
}

function wordsFor(text: string, sign: Sign): Sign | undefined {
  const causes = CAUSES[sign.crashClass] ?? [];
  if (causes.length === 0) return undefined;
  const isCause = ({ crashClass, weight, runtimeKey = '' }: Sign) =>
    causes.includes(crashClass) && (weight === 'word' ? crashClass !== 'abort' : runtimeKey !== '');
  const said = readSigns(near(text, sign.at), SAID, isCause);
  return said && { ...sign, ...said, weight: sign.weight, at: sign.at, evidence: `${said.evidence}\n${sign.evidence}` };
}

/** One that never served and gave up over its port, its files or its options could not start. */
function unstarted(text: string, sign: Sign): Sign {
  const isLeave = sign.weight === 'word' && sign.crashClass === 'sigterm';
  if (sign.crashClass !== 'nonzero-exit' && sign.crashClass !== 'abort' && !isLeave) return sign;
  if (isAbout(sign.summary)) return { ...sign, crashClass: 'startup-config' };
  if (!isLeave && (sign.weight !== 'end' || sign.crashClass !== 'nonzero-exit')) return sign;
  const said = aboutIn(isLeave ? text : text.slice(0, sign.at));
  return said ? { ...sign, ...said, evidence: `${said.evidence}\n${sign.evidence}` } : sign;
}
