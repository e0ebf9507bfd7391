import type { Crash, CrashClass, CrashFacts } from './fault.ts';

const LINES: readonly (readonly [RegExp, CrashClass])[] = [
  [/out of memory/i, 'oom'],
  [/kernel panic/i, 'kernel-panic'],
  [/assert/i, 'assert'],
  [/signal 11|segmentation fault|page fault/i, 'segv'],
  [/abort/i, 'abort'],
];

/** What a node died of, from what it printed and how it ended. */
export function classify({ console, end }: CrashFacts): Crash {
  const text = new TextDecoder().decode(console ?? new Uint8Array());
  const lines = text.split('\n').slice(-200);
  const found = LINES.flatMap(([pattern, crashClass]) => {
    const line = lines.find((one) => pattern.test(one));
    return line === undefined ? [] : [{ crashClass, line: line.trim() }];
  })[0];
  const crashClass = found?.crashClass ?? (end.state === 'running' ? 'hang' : 'unknown');
  const evidence = found?.line ?? '';
  const key = `${crashClass}:${evidence.replace(/0x[0-9a-f]+|\d+/gi, '#')}`;
  return {
    crashClass,
    summary: evidence || `it is ${end.state}`,
    fingerprint: hash(key),
    runtimeKey: '',
    platform: 'unknown',
    evidence,
  };
}

/** FNV-1a, twice with other starts. */
function hash(text: string): string {
  const once = (start: number) => {
    let sum = start;
    for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193) >>> 0;
    return sum.toString(16).padStart(8, '0');
  };
  return once(0x811c9dc5) + once(0x01234567);
}
