/** Each way of dying while nothing is released, and until a canary is judged. */
import { deathMatrix } from './app/matrix.ts';

const OLD = { isNew: false } as const;
const NEW = { isNew: true } as const;
const LINUX = { build: 'linux' } as const;
const UNIKERNEL = { build: 'unikernel', group: 'fleet' } as const;
const TWO_WAYS = ['power-off', 'hang'] as const;
const ALL_WAYS = ['power-off', 'crash', 'hang', 'sicken', 'reset', 'terminate'] as const;

deathMatrix({
  'steady, fleet': { moment: { seconds: 0, ...OLD, ...UNIKERNEL }, ways: ALL_WAYS },
  'steady, Linux': { moment: { seconds: 0, ...OLD, ...LINUX, group: 'baseline' }, ways: TWO_WAYS },
  'baking, old fleet': { moment: { stage: 'baking', seconds: 1, ...OLD, ...UNIKERNEL }, ways: TWO_WAYS },
  'canary, canary': { moment: { stage: 'canary', seconds: 50, ...NEW, ...LINUX, group: 'canary' }, ways: ALL_WAYS },
  'canary, baseline': { moment: { stage: 'canary', seconds: 50, ...OLD, ...LINUX, group: 'baseline' }, ways: TWO_WAYS },
  'canary, old fleet': { moment: { stage: 'canary', seconds: 50, ...OLD, ...UNIKERNEL }, ways: TWO_WAYS },
});
