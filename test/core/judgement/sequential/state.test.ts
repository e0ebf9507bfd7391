import { describe, expect, it } from 'vitest';
import type { NodeCounts } from '../../../../core/judgement/sequential/counts.ts';
import { lookAt } from '../../../../core/judgement/sequential/look.ts';
import { type JudgeState, NEW_STATE } from '../../../../core/judgement/sequential/state.ts';
import { node, policy } from './given.ts';

const A_DAY = 1440;
const LIMIT_BYTES = 32 * 1024;

/** 4 nodes against 4, minute by minute; the state is written and read between two looks. */
function largestOf(minutes: number, watched: (minute: number) => readonly NodeCounts[]): number {
  const rules = policy({ horizon: A_DAY });
  const reference = [0, 1, 2, 3].map((index) => node(`i-0123456789abcde0${index}`, { errors: index, memoryMb: 300 + index }));
  let written = JSON.stringify(NEW_STATE);
  let largest = 0;
  for (let minute = 0; minute < minutes; minute++) {
    const state = JSON.parse(written) as JudgeState;
    written = JSON.stringify(lookAt(state, { seconds: 60, watched: watched(minute), reference }, rules).state);
    largest = Math.max(largest, Buffer.byteLength(written));
  }
  return largest;
}

describe('what the judge keeps', () => {
  it('of a day is below 32 KiB', () => {
    const four = (minute: number) =>
      [0, 1, 2, 3].map((index) => node(`i-0123456789abcdef${index}`, { errors: minute % (2 + index) }));
    expect(largestOf(A_DAY, four)).toBeLessThan(LIMIT_BYTES / 4);
  });

  it('is below 32 KiB as well when nodes crash all the time, each replaced by another and each in its own way', () => {
    const replaced = (minute: number) =>
      [0, 1, 2, 3].map((index) =>
        node(`i-0123456789ab${index}${Math.floor(minute / 5)}`, {
          crashes: minute % 5 === 4 ? 1 : 0,
          fingerprints: minute % 5 === 4 ? [`${minute % 50}-${'f'.repeat(200)}`] : [],
          errors: (minute * (index + 1)) % 7,
          over: [500.123456, 100, 10],
        }),
      );
    expect(largestOf(240, replaced)).toBeLessThan(LIMIT_BYTES);
  });
});
