/** How a release's share of the users goes down: counts a second, from some instant on. */
import type { Answer } from './traffic.ts';

const SECOND_MS = 1000;

interface Second {
  readonly all: number;
  readonly mine: number;
}

function perSecond(answers: readonly Answer[], version: string, from: number): readonly Second[] {
  const until = Math.max(from, ...answers.slice(-100).map(({ at }) => at));
  const seconds = Array.from({ length: Math.floor((until - from) / SECOND_MS) + 1 }, () => ({ all: 0, mine: 0 }));
  for (const answer of answers) {
    const second = seconds[Math.floor((answer.at - from) / SECOND_MS)];
    if (!second) continue;
    second.all += 1;
    if (answer.version === version) second.mine += 1;
  }
  return seconds;
}

/** Four standard deviations of a count: what chance alone does not exceed. */
const withChance = (count: number) => count + 4 * Math.sqrt(Math.max(count, 1));

/** Most requests in one second of the five before. */
const peakBefore = (answers: readonly Answer[], version: string, instant: number) => {
  const before = answers.filter(({ at }) => at < instant);
  return Math.max(...perSecond(before, version, instant - 5 * SECOND_MS).map(({ mine }) => mine));
};

/**
 * What is wrong with the way a release faded after `turnedAt`, if anything is: a second with more requests than before
 * (weights went up again), a request after a second without any (it came back), or no such second at all.
 */
export function riseAfter(answers: readonly Answer[], version: string, turnedAt: number): string | undefined {
  const seconds = perSecond(answers, version, turnedAt);
  const counts = `requests to it a second: ${seconds.map(({ mine }) => mine).join(', ')}`;
  const most = withChance(peakBefore(answers, version, turnedAt));
  if (seconds.some(({ mine }) => mine > most)) return `more users after it was given up than before; ${counts}`;
  const gone = seconds.findIndex(({ all, mine }) => all > 0 && mine === 0);
  if (gone < 0) return `it still served users at the end; ${counts}`;
  if (seconds.slice(gone).some(({ mine }) => mine > 0)) return `users came back to it; ${counts}`;
  return undefined;
}
