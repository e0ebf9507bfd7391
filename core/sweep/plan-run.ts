/** What the release in flight needs, given which of its executions live. Pure. */
import type { RunState } from '../release/ports.ts';
import type { ReleaseRecord, ServiceRecord } from '../release/release.ts';
import { isFinal, releaseName } from '../release/release.ts';

export interface RunFacts {
  readonly record: ServiceRecord;
  readonly release: ReleaseRecord;
  /** Execution of the release under its fence. */
  readonly releaseRun: RunState;
  /** Rollback started with the release's fence: the one that takes it over, or (rolling back) the sweep's own. */
  readonly rollbackRun: RunState;
  /** While it rolls back: the rollback that raised the fence to where it is. */
  readonly ownerRun: RunState;
}

/**
 * settle: it ended, the service is not free · start: its execution was never started · forward: it died with the old
 * fleet already going · roll-back: start the rollback · take-over: that rollback's name is used up, so take over first.
 */
export type RunPlan = {
  readonly kind: 'none' | 'settle' | 'start' | 'forward' | 'roll-back' | 'take-over';
  readonly why: string;
};

const isLive = (state: RunState) => state === 'running';
/** An execution's name can be used once: one that ended will not be started again. */
const isUsed = (state: RunState) => state === 'failed' || state === 'succeeded';

export function planRun(facts: RunFacts): RunPlan {
  const { record, release, releaseRun, rollbackRun, ownerRun } = facts;
  const name = releaseName(release.service, release.version);
  if (isFinal(release)) return { kind: 'settle', why: `${name} is ${release.stage}, and the service is not free yet` };
  const isStarting = release.stage === 'received' && release.fence !== record.fence;
  if (isStarting && release.fence === 0) return { kind: 'start', why: `${name} has its turn, and was not started` };
  if (isLive(rollbackRun)) return { kind: 'none', why: `${name} is being rolled back` };

  if (release.stage === 'rolling-back') {
    if (isLive(ownerRun)) return { kind: 'none', why: `${name} is being rolled back` };
    return undo(rollbackRun, `the rollback of ${name} ended before it was done`);
  }
  if (release.committedAt !== undefined && !isLive(releaseRun)) {
    return { kind: 'forward', why: `the execution of ${name} ended while the old fleet was being retired` };
  }
  const isStopped = release.intent?.kind === 'abort' || release.intent?.kind === 'supersede';
  if (isStopped) return undo(rollbackRun, `${name} is to be stopped: ${release.intent.why}`);
  const isHalfTaken = record.fence !== release.fence;
  if (isHalfTaken) return undo(rollbackRun, `a rollback of ${name} ended while it took over`);
  if (isLive(releaseRun)) return { kind: 'none', why: `${name} runs` };
  if (release.stage === 'received' && releaseRun === 'none') return { kind: 'start', why: `${name} was not started` };
  return undo(rollbackRun, `the execution of ${name} is gone while it is ${release.stage}`);
}

const undo = (rollbackRun: RunState, why: string): RunPlan => ({ kind: isUsed(rollbackRun) ? 'take-over' : 'roll-back', why });
