/** Whether a rollback may take a release over. Pure: the records as read, and the fence the rollback was started with. */
import type { ReleaseRecord, ServiceRecord } from './release.ts';
import { isFinal, releaseName } from './release.ts';

/**
 * take: raise the service's fence to `fence`, then the release's · held: this rollback has it already (a retry) ·
 * forward: the replaced fleet is going already, so the release is finished instead · settle: it ended, but the service
 * is not free yet · over: nothing to do.
 */
export type RollbackPlan =
  | { readonly kind: 'take' | 'held'; readonly fence: number; readonly why: string }
  | { readonly kind: 'forward' | 'settle' | 'over'; readonly fence: number; readonly why: string };

export function planRollback(record: ServiceRecord, release: ReleaseRecord, fence: number): RollbackPlan {
  const name = releaseName(release.service, release.version);
  const over = (kind: 'forward' | 'settle' | 'over', why: string): RollbackPlan => ({ kind, fence: record.fence, why });
  if (record.inFlight !== release.version) return over('over', `${name} is not in flight`);
  if (isFinal(release)) return over('settle', `${name} is ${release.stage} already`);
  if (release.committedAt !== undefined) {
    return over('forward', `${name} is past its return: the fleet it replaced is being retired, so it goes forward`);
  }
  // Every takeover raises the fence by one, so the number tells whose it is; the service is raised before the release.
  const isMine = release.fence === fence && (record.fence === fence || record.fence === fence + 1);
  if (isMine) return { kind: 'take', fence: fence + 1, why: backTo(release) };
  const isTaken = release.stage === 'rolling-back' && release.fence === fence + 1 && record.fence === release.fence;
  if (isTaken) return { kind: 'held', fence: release.fence, why: 'this rollback has taken over already' };
  return over('over', `${name} is at fence ${record.fence}: another rollback has it`);
}

const backTo = (release: ReleaseRecord) =>
  release.replaces === undefined
    ? `${release.version} is the first release: nothing is left to serve, the load balancer answers 503`
    : `back to ${release.replaces}, which was stable before ${release.version}`;
