/**
 * A release that is held, because old and new fail alike: it is nobody's release that is at fault, so it is neither passed
 * nor taken back. An operator decides, by the orders "promote" and "abort"; or it goes on by itself once the trouble is over.
 */
import { changeRelease } from '../release/change-record.ts';
import type { Records } from '../release/ports.ts';
import type { ReleaseRecord, StepInput, Verdict } from '../release/release.ts';
import type { JudgementRecord } from './judgement.ts';

/** An execution cannot wait for ever; what nobody has decided on by then is taken back. */
const MOST_HELD_HOURS = 72;

/** Who has ordered that the release goes on in spite of the trouble. */
export interface Waiver {
  readonly by: string;
  readonly why: string;
}

/** An order that was given before the trouble was for the gate. */
export function waiverOf({ intent, trouble }: Pick<ReleaseRecord, 'intent' | 'trouble'>): Waiver | undefined {
  if (trouble === undefined || intent?.kind !== 'promote' || intent.at < trouble.since) return undefined;
  return { by: intent.by, why: intent.why };
}

export function verdictOfHold({ trouble, heldInAll }: JudgementRecord, waiver?: Waiver): Verdict | undefined {
  if (trouble === undefined) return undefined;
  const cause = 'environment' as const;
  const hours = `${(heldInAll / 60).toFixed(1)} h`;
  if (waiver)
    return {
      kind: 'pass',
      cause,
      why: `old and new fail alike, promoted all the same by ${waiver.by}: ${waiver.why}; ${trouble}`,
    };
  if (heldInAll < MOST_HELD_HOURS * 60)
    return {
      kind: 'wait',
      cause,
      why: `held: old and new fail alike, for ${hours} so far: ${trouble}; order "promote" to go on, or "abort"; without an order it is taken back after ${MOST_HELD_HOURS} h`,
    };
  return {
    kind: 'inconclusive',
    cause,
    why: `old and new failed alike for ${hours} ≥ ${MOST_HELD_HOURS} h, and nobody ordered anything: ${trouble}`,
  };
}

/** On the release's own record, where whoever gives an order sees it. */
export async function noteTrouble(records: Records, step: StepInput, trouble: string | undefined): Promise<void> {
  await changeRelease(records, step, (now) => {
    if ((now.trouble === undefined) === (trouble === undefined) || now.fence !== step.fence) return undefined;
    const { trouble: _, ...rest } = now;
    return trouble === undefined ? rest : { ...rest, trouble: { since: step.at, why: trouble } };
  });
}
