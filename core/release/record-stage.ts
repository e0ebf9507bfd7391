import { digestMismatch, fenceMoved, inputInvalid, releaseUnknown } from '../errors.ts';
import { BUILDS } from '../service/service.ts';
import type { BeginBakingPorts } from './begin-baking.ts';
import { beginBaking } from './begin-baking.ts';
import { changeRelease } from './change-record.ts';
import { findDifference } from './check-manifest.ts';
import { freeService, takeOver } from './end-release.ts';
import { holdRelease } from './hold-release.ts';
import { planStage } from './plan-stage.ts';
import type { Notices } from './ports.ts';
import type { ReleaseRecord, Stage, StepInput } from './release.ts';
import { isFinal, releaseName, withTransition } from './release.ts';
import { startNext } from './start-release.ts';
import type { StartPorts } from './start-release.ts';
import { tell } from './tell.ts';

export type RecordedStage = 'baking' | 'canary' | 'debut' | 'promoting' | 'warm' | 'stable' | 'rolling-back' | 'rolled-back';

export interface RecordStageInput extends StepInput {
  readonly stage: RecordedStage;
  readonly why: string;
}

export interface RecordStageAnswer {
  /** over: there is nothing to go on with, because the release was refused, or because a rollback has nothing to do. */
  readonly kind: 'recorded' | 'over';
  /** What the later steps hold. */
  readonly fence: number;
  readonly why: string;
}

export interface RecordStagePorts extends StartPorts, BeginBakingPorts {
  readonly notices: Notices;
}

/**
 * Stage and transition are one write, so a notification is never lost; it is sent afterwards and marked. The release
 * ends first and the service is freed second: a repeat finds the release ended under its fence and goes on from there.
 */
export async function recordStage(ports: RecordStagePorts, input: RecordStageInput): Promise<RecordStageAnswer> {
  if (input.stage === 'rolling-back') return takeOver(ports, input);
  const found = await ports.records.findRelease(input.service, input.version);
  if (!found) throw releaseUnknown(releaseName(input.service, input.version));

  const release = isRepeat(found, input) ? found : await record(ports, found, input);
  const told = await tell(ports, release);
  if (isFinal(told)) {
    await freeService(ports.records, told);
    await startNext(ports, told.service);
  }
  const name = releaseName(told.service, told.version);
  if (told.stage === 'refused') return { kind: 'over', fence: input.fence, why: `${name} is refused: ${refusal(told)}` };
  return { kind: 'recorded', fence: input.fence, why: `${name} is ${told.stage}` };
}

/** The release ended by this very call; what followed its end may not have been done. */
function isRepeat(found: ReleaseRecord, { stage, fence }: RecordStageInput): boolean {
  if (!isFinal(found) || found.fence !== fence) return false;
  return planStage(found, stage).kind === 'recorded' || (stage === 'baking' && found.stage === 'refused');
}

const refusal = ({ transitions }: ReleaseRecord) => transitions.find(({ stage }) => stage === 'refused')?.why ?? '';

async function record(ports: RecordStagePorts, found: ReleaseRecord, input: RecordStageInput): Promise<ReleaseRecord> {
  if (input.stage === 'baking' && found.stage === 'received') return beginBaking(ports, input);
  await holdRelease(ports, input, input.stage === 'rolled-back' ? 'rollback' : 'release');
  return changeRelease(ports.records, input, (now) => {
    const name = releaseName(now.service, now.version);
    if (now.fence !== input.fence) throw fenceMoved(name, input.fence, now.fence);
    const plan = planStage(now, input.stage);
    if (plan.kind === 'recorded') return undefined;
    if (plan.kind === 'refuse') throw inputInvalid(`Stage "${input.stage}"`, plan.why);
    checkDigests(now, plan.stage);
    return withTransition(now, plan.stage, { at: input.at, why: input.why, by: 'tandem' });
  });
}

/** The manifest may have come after the bake had looked for it: nothing gets traffic before both agree. */
function checkDigests(release: ReleaseRecord, stage: Stage): void {
  if (stage !== 'canary' || !release.manifest) return;
  for (const build of BUILDS) {
    const image = release.images[build];
    const difference = findDifference(image, release.manifest, build);
    if (image && difference) throw digestMismatch(image.key, difference);
  }
}
