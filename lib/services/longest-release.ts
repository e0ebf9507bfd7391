import type { ServiceFile } from '../../core/service/service-file.ts';
import { BAKE_SECONDS } from '../workflows/timeouts.ts';

const MINUTE = 60;
const HOUR = 3600;

/** A release is held while old and new fail alike, for so long in all (core/judgement/hold.ts). */
const HELD_SECONDS = 72 * HOUR;

/** Launch deadline, settling and draining of one round, and its watch with the grace the verdict has. */
function roundSeconds(file: ServiceFile, watchMinutes: number): number {
  const { deadlineSeconds } = file.health;
  return deadlineSeconds + file.weightSettleSeconds + file.drainSeconds + (watchMinutes + file.limits.graceMinutes) * MINUTE;
}

/** The longest a release of this service can take if everything takes as long as it may, seconds. */
export function longestReleaseSeconds(file: ServiceFile): number {
  const batches = Math.ceil(file.nodes / file.promotion.maxSurge);
  return (
    BAKE_SECONDS +
    roundSeconds(file, file.canary.minutes) +
    roundSeconds(file, file.debut.minutes) +
    (file.promotion.gateHours ?? 0) * HOUR +
    (batches + 1) * roundSeconds(file, file.promotion.watchMinutes) +
    file.warmMinutes * MINUTE +
    2 * file.drainSeconds +
    HELD_SECONDS
  );
}
