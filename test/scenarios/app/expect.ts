/** What holds of every release, however it went. */
import { expect } from 'vitest';
import type { Account } from './account.ts';
import type { ReleaseItem } from './items.ts';
import { shareOf } from './users.ts';
import type { Users } from './users.ts';

/** P6: each transition was told once, in its order. */
export function expectToldOnce(account: Account, service: string, release: ReleaseItem): void {
  const told = account.notices(service, release.version).map(({ id, stage }) => ({ id, stage }));
  expect(told).toEqual(release.transitions.map(({ id, stage }) => ({ id, stage })));
  expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
}

/** From the record of the rollback to the last request: the shift's call, 1 to 5 s until weights are routed by. */
const REACHES_ZERO_MS = 15_000;
const WINDOW_MS = 5_000;
/** A share of some dozen requests is this far from its weight by chance. */
const NOISE = 0.15;

/** P2, in requests: from the instant it is taken back, the release's share only falls, and is 0 soon. */
export function expectOnlyFalls(users: Users, faces: readonly number[], since: number): void {
  // A shift of a moment ago has only reached the last of them.
  const before = [4, 3, 2, 1].map((ago) => users.between(since - ago * WINDOW_MS, since - (ago - 1) * WINDOW_MS));
  let most = Math.max(...before.map((answers) => shareOf(answers, faces))) + NOISE;
  for (let from = since; from < since + REACHES_ZERO_MS; from += WINDOW_MS) {
    const share = shareOf(users.between(from, from + WINDOW_MS), faces);
    expect(share).toBeLessThanOrEqual(most);
    most = share + NOISE;
  }
  const after = users.between(since + REACHES_ZERO_MS);
  expect(after.length).toBeGreaterThan(0);
  expect(shareOf(after, faces)).toBe(0);
}

export const becameAt = ({ transitions, version }: ReleaseItem, stage: string): number => {
  const found = transitions.find((one) => one.stage === stage && one.about === undefined);
  if (!found) throw new Error(`${version} never was ${stage}`);
  return found.at;
};
