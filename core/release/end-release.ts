/** How a release stops being the one in flight: a rollback takes it over, or it has ended and the service is freed. */
import { releaseUnknown, unreachable } from '../errors.ts';
import { changeRelease, changeService } from './change-record.ts';
import { planRollback } from './plan-rollback.ts';
import type { Notices, Records } from './ports.ts';
import type { RecordStageAnswer } from './record-stage.ts';
import type { ReleaseRecord, ServiceRecord, StepInput } from './release.ts';
import { isFinal, newService, releaseName, withTransition } from './release.ts';
import { startNext } from './start-release.ts';
import type { StartPorts } from './start-release.ts';
import { tell } from './tell.ts';

export interface EndPorts extends StartPorts {
  readonly notices: Notices;
}

export interface TakeOver extends StepInput {
  readonly why: string;
}

/**
 * Raises the fence: the service's first (from here on every step of the release stops), the release's second. Asked
 * again after a crash between the two it does what is left.
 */
export async function takeOver(ports: EndPorts, input: TakeOver): Promise<RecordStageAnswer> {
  const { record, release } = await load(ports.records, input);
  const plan = planRollback(record, release, input.fence);
  switch (plan.kind) {
    case 'over':
      return { kind: 'over', fence: plan.fence, why: plan.why };
    case 'held':
      await tell(ports, release);
      return { kind: 'recorded', fence: plan.fence, why: plan.why };
    case 'settle':
      await settle(ports, release);
      return { kind: 'over', fence: plan.fence, why: plan.why };
    case 'forward':
      await goForward(ports, input, plan.why);
      return { kind: 'over', fence: plan.fence, why: plan.why };
    case 'take':
      return take(ports, input, plan.fence);
    default:
      return unreachable(plan);
  }
}

async function take(ports: EndPorts, input: TakeOver, fence: number): Promise<RecordStageAnswer> {
  const record = await changeService(ports.records, input.service, (now) =>
    now.inFlight === input.version && now.fence === fence - 1 ? { ...now, fence } : undefined,
  );
  if (record.inFlight !== input.version || record.fence !== fence) {
    return { kind: 'over', fence: record.fence, why: `fence ${record.fence} is another's` };
  }
  const release = await changeRelease(ports.records, input, (now) => {
    if (isFinal(now) || now.committedAt !== undefined || now.fence >= fence) return undefined;
    // A rollback that goes on under a new fence is no new stage: one that died every minute would fill the record.
    if (now.stage === 'rolling-back') return { ...now, fence, changedAt: input.at };
    const by = now.intent?.kind === 'abort' ? now.intent.by : 'tandem';
    return withTransition({ ...now, fence }, 'rolling-back', { at: input.at, why: input.why, by });
  });
  // The release may have ended, or passed its return, between the two writes.
  if (release.stage !== 'rolling-back') return takeOver(ports, input);
  await tell(ports, release);
  return { kind: 'recorded', fence, why: input.why };
}

/** The replaced fleet is going: what is left of it is the sweep's, and the release is as stable as it will be. */
async function goForward(ports: EndPorts, input: TakeOver, why: string): Promise<void> {
  const release = await changeRelease(ports.records, input, (now) =>
    isFinal(now) ? undefined : withTransition(now, 'stable', { at: input.at, why, by: 'tandem' }),
  );
  await settle(ports, release);
}

/** Everything due after a release has ended: its service is freed, its end is told, the next in line starts. */
export async function settle(ports: EndPorts, release: ReleaseRecord): Promise<void> {
  await freeService(ports.records, release);
  await tell(ports, release);
  await startNext(ports, release.service);
}

/** Only a release that became fully stable is ever what later ones are rolled back to. */
export async function freeService(records: Records, release: ReleaseRecord): Promise<ServiceRecord> {
  const { version, fleet } = release;
  const stable = release.stage === 'stable' && fleet ? { stable: { version, fleet } } : {};
  return changeService(records, release.service, (now) => {
    const { inFlight, ...rest } = now;
    return inFlight === version ? { ...rest, ...stable } : undefined;
  });
}

async function load(records: Records, input: StepInput) {
  const record = (await records.findService(input.service)) ?? newService(input.service);
  const release = await records.findRelease(input.service, input.version);
  if (!release) throw releaseUnknown(releaseName(input.service, input.version));
  return { record, release };
}
