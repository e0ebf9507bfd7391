/** The moments at which a node dies, and the ways worth trying at each wherever not all can be. */
import { WAYS } from './deaths.ts';
import type { Moment, Way } from './deaths.ts';

export interface Row {
  readonly moment: Moment;
  readonly ways: readonly Way[];
}
export type Rows = Readonly<Record<string, Row>>;

const OLD = { isNew: false } as const;
const NEW = { isNew: true } as const;
const LINUX = { build: 'linux' } as const;
const UNIKERNEL = { build: 'unikernel', group: 'fleet' } as const;
const TWO_WAYS = ['power-off', 'hang'] as const;
const THREE_WAYS = ['power-off', 'hang', 'terminate'] as const;

/** While nothing is released, and until a canary is judged. */
export const EARLY: Rows = {
  'steady, fleet': { moment: { seconds: 0, ...OLD, ...UNIKERNEL }, ways: WAYS },
  'steady, Linux': { moment: { seconds: 0, ...OLD, ...LINUX, group: 'baseline' }, ways: TWO_WAYS },
  'baking, old fleet': { moment: { stage: 'baking', seconds: 1, ...OLD, ...UNIKERNEL }, ways: TWO_WAYS },
  'canary, canary': { moment: { stage: 'canary', seconds: 50, ...NEW, ...LINUX, group: 'canary' }, ways: WAYS },
  'canary, baseline': {
    moment: { stage: 'canary', seconds: 50, ...OLD, ...LINUX, group: 'baseline', isFresh: true },
    ways: TWO_WAYS,
  },
  'canary, old fleet': { moment: { stage: 'canary', seconds: 50, ...OLD, ...UNIKERNEL }, ways: TWO_WAYS },
};

/** From the debut of a release to its end. */
export const LATE: Rows = {
  'debut, new fleet': { moment: { stage: 'debut', seconds: 40, ...NEW, ...UNIKERNEL }, ways: THREE_WAYS },
  'debut, control': { moment: { stage: 'debut', seconds: 40, ...OLD, build: 'unikernel', group: 'control' }, ways: TWO_WAYS },
  'promoting, new fleet': { moment: { stage: 'promoting', seconds: 40, ...NEW, ...UNIKERNEL }, ways: THREE_WAYS },
  'promoting, old fleet': { moment: { stage: 'promoting', seconds: 40, ...OLD, ...UNIKERNEL }, ways: TWO_WAYS },
  'warm, new fleet': { moment: { stage: 'warm', seconds: 30, ...NEW, ...UNIKERNEL }, ways: THREE_WAYS },
  'warm, old fleet': { moment: { stage: 'warm', seconds: 30, ...OLD, ...UNIKERNEL }, ways: TWO_WAYS },
};

export function rowOf(rows: Rows, name: string, ways: readonly Way[]): Rows {
  const found = rows[name];
  if (!found) throw new Error(`there is no moment "${name}"`);
  return { [name]: { ...found, ways } };
}

/** For whoever has the time. */
export const everyWay = (rows: Rows): Rows =>
  Object.fromEntries(Object.entries(rows).map(([name, { moment }]) => [name, { moment, ways: WAYS }]));
