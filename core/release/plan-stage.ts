/** Which stage may follow which. */
import type { ReleaseRecord, Stage } from './release.ts';
import { releaseName } from './release.ts';

const BEFORE: Readonly<Partial<Record<Stage, readonly Stage[]>>> = {
  baking: ['received'],
  canary: ['baking'],
  debut: ['canary'],
  promoting: ['debut'],
  warm: ['promoting'],
  stable: ['warm'],
  'rolling-back': ['received', 'baking', 'canary', 'debut', 'promoting', 'warm', 'rolling-back'],
  'rolled-back': ['rolling-back'],
  superseded: ['received', 'rolling-back'],
  refused: ['received'],
};

export type StagePlan =
  { readonly kind: 'record' | 'recorded'; readonly stage: Stage } | { readonly kind: 'refuse'; readonly why: string };

/** `recorded`: it stands there already, a repeated call. A release undone for a newer one ends as `superseded`. */
export function planStage(release: ReleaseRecord, wanted: Stage): StagePlan {
  const stage = wanted === 'rolled-back' && release.intent?.kind === 'supersede' ? 'superseded' : wanted;
  if (release.stage === stage) return { kind: 'recorded', stage };
  if (BEFORE[stage]?.includes(release.stage)) return { kind: 'record', stage };
  const name = releaseName(release.service, release.version);
  return { kind: 'refuse', why: `${name} is "${release.stage}" and cannot become "${stage}"` };
}
