/** The sweep's duties towards releases: executions that are gone, turns not taken, images that never came, notices. */
import { unreachable } from '../errors.ts';
import { admit, endRelease } from '../release/admit.ts';
import { missingParts } from '../release/admit-release.ts';
import { settle, takeOver } from '../release/end-release.ts';
import type { ReleaseRun } from '../release/ports.ts';
import type { ReleaseRecord } from '../release/release.ts';
import { isFinal, newService } from '../release/release.ts';
import { startNext, startRelease } from '../release/start-release.ts';
import { tellOrFail } from '../release/tell.ts';
import type { Swept, SweepAction, SweepPorts } from './sweep.ts';
import { planRun } from './plan-run.ts';

/** A step that has just written is given this long to do the rest itself. */
const STEP_GRACE_MS = 30_000;

export async function sweepRun(ports: SweepPorts, { service, now }: Swept): Promise<readonly SweepAction[]> {
  const name = service.file.name;
  const record = (await ports.records.findService(name)) ?? newService(name);
  if (record.inFlight === undefined) {
    const started = await startNext(ports, name);
    return started === undefined ? [] : [{ kind: 'start-next', service: name, why: `${started} is first in line` }];
  }
  const release = await ports.records.findRelease(name, record.inFlight);
  // A conditional write that has just been made: its step writes the release next.
  if (!release || (now - release.changedAt < STEP_GRACE_MS && !isFinal(release))) return [];

  const plan = planRun({ record, release, ...(await runsOf(ports, release)) });
  const at = { service: name, version: release.version, fence: release.fence, at: now, why: plan.why };
  switch (plan.kind) {
    case 'none':
      return [];
    case 'settle':
      await settle(ports, release);
      break;
    case 'start':
      await startRelease(ports, release, record.fence);
      break;
    case 'forward':
      await takeOver(ports, at);
      break;
    case 'roll-back':
      await ports.executions.startRollback(at, plan.why);
      break;
    case 'take-over': {
      const taken = await takeOver(ports, at);
      if (taken.kind === 'recorded') await ports.executions.startRollback({ ...at, fence: taken.fence }, plan.why);
      break;
    }
    default:
      return unreachable(plan.kind);
  }
  return [{ kind: plan.kind, service: name, why: plan.why }];
}

async function runsOf({ executions }: SweepPorts, { service, version, fence }: ReleaseRecord) {
  const run: ReleaseRun = { service, version, fence };
  const before: ReleaseRun = { service, version, fence: fence - 1 };
  if (fence === 0) return { releaseRun: 'none', rollbackRun: 'none', ownerRun: 'none' } as const;
  return {
    releaseRun: await executions.releaseState(run),
    rollbackRun: await executions.rollbackState(run),
    ownerRun: fence > 1 ? await executions.rollbackState(before) : ('none' as const),
  };
}

/** Complete ones that nobody admitted are admitted; incomplete ones expire. */
export async function sweepReceived(ports: SweepPorts, { service, now, releases }: Swept): Promise<readonly SweepAction[]> {
  const { name, expireHours } = service.file;
  const actions: SweepAction[] = [];
  for (const release of await releases()) {
    const isWaiting = release.stage === 'received' && release.fence === 0 && now - release.changedAt > STEP_GRACE_MS;
    if (!isWaiting) continue;
    const missing = missingParts(service, release);
    if (missing.length === 0) {
      const record = await ports.records.findService(name);
      const isInLine = record?.queue.includes(release.version) === true || record?.inFlight === release.version;
      const answer = isInLine ? undefined : await admit(ports, release, now);
      if (answer) actions.push({ kind: 'admit', service: name, why: `${release.version}: ${answer.why}` });
    } else if (now - release.receivedAt > expireHours * 3_600_000) {
      const why = `${missing.join(' and ')} did not come within ${expireHours} hour(s). Upload all parts as a new version`;
      await endRelease(ports, release, { stage: 'refused', at: now, why });
      actions.push({ kind: 'expire', service: name, why: `${release.version}: ${why}` });
    }
  }
  return actions;
}

export async function sweepNotices(ports: SweepPorts, { service, now, releases }: Swept): Promise<readonly SweepAction[]> {
  const actions: SweepAction[] = [];
  for (const release of await releases()) {
    const isDue = release.transitions.some(({ notified, at }) => !notified && now - at > STEP_GRACE_MS);
    if (!isDue) continue;
    await tellOrFail(ports, release);
    actions.push({ kind: 'notify', service: service.file.name, why: `notices of ${release.version} were not sent` });
  }
  return actions;
}
