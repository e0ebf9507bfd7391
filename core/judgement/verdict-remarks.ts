/** What a verdict says beside its tests: what it could not know, and what it will take to know more. Pure. */
import { sayCapture } from '../faults/capture-plan.ts';
import type { Compared } from './judge-minutes.ts';
import { firstWhole, type GroupWatch, type JudgementRecord, MINUTE_MS } from './judgement.ts';
import { sumOf } from './sequential/counts.ts';
import type { History } from './sequential/policy.ts';

interface Told {
  readonly record: JudgementRecord;
  readonly watch: GroupWatch;
  readonly compared: Compared;
  readonly history?: History | undefined;
}

/** The margins are as wide as the service's past has it; or as is usual. */
export const withoutPast = ({ history }: Told) => (history ? '' : '; nothing is known of the past of this service yet');

/** Old nodes with less than a tenth of the new fleet's requests are next to nothing to compare with. */
const LEAST_BESIDE = 0.1;

/** The last batches of a promotion leave the old fleet next to no requests, and the last one none. */
export function littleLeft({ record, watch, compared }: Told): string {
  const { watched, reference } = compared;
  if (watch !== 'promotion' || reference === undefined) return '';
  const [ours, theirs] = [record.cells[watched.cell]?.requests ?? 0, record.cells[reference.cell]?.requests ?? 0];
  if (theirs >= LEAST_BESIDE * ours) return '';
  return `; the old fleet had ${theirs} requests beside ${ours} in this batch, too few to compare with: the declared limits decide, and what the batches before have shown`;
}

/** One in a million requests: nobody's canary is long enough to see it. */
const RARE = 1e-6;

/** How long until a rare fault shows where it can be looked at, if the canary goes on as it does. */
export function captureOutlook({ record, watch, compared }: Told): string {
  const minutes = (record.judgedTo - firstWhole(record.since)) / MINUTE_MS - record.heldMinutes;
  const all = sumOf(Object.values(record.cells), ({ requests }) => requests);
  if (watch !== 'canary' || all === 0 || minutes <= 0) return '';
  const own = record.cells[compared.watched.cell]?.requests ?? 0;
  const hunt = { faultProbability: RARE, requestsPerSecond: all / (60 * minutes) };
  return `; with ${((100 * own) / all).toFixed(1)} % of the requests on the canary ${sayCapture(hunt, own / all)}`;
}
