/** Ways of dying from the debut of a release to its end. */
import { deathMatrix } from './app/matrix.ts';

const OLD = { isNew: false } as const;
const NEW = { isNew: true } as const;
const UNIKERNEL = { build: 'unikernel', group: 'fleet' } as const;
const TWO_WAYS = ['power-off', 'hang'] as const;
const THREE_WAYS = ['power-off', 'hang', 'terminate'] as const;

deathMatrix({
  'debut, new fleet': { moment: { stage: 'debut', seconds: 40, ...NEW, ...UNIKERNEL }, ways: THREE_WAYS },
  'debut, control': { moment: { stage: 'debut', seconds: 40, ...OLD, build: 'unikernel', group: 'control' }, ways: TWO_WAYS },
  'promoting, new fleet': { moment: { stage: 'promoting', seconds: 40, ...NEW, ...UNIKERNEL }, ways: THREE_WAYS },
  'promoting, old fleet': { moment: { stage: 'promoting', seconds: 40, ...OLD, ...UNIKERNEL }, ways: TWO_WAYS },
  'warm, new fleet': { moment: { stage: 'warm', seconds: 30, ...NEW, ...UNIKERNEL }, ways: THREE_WAYS },
  'warm, old fleet': { moment: { stage: 'warm', seconds: 30, ...OLD, ...UNIKERNEL }, ways: TWO_WAYS },
});
