/** Each way of dying, in each stage: the fleet is whole again, and each death is known once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deathbed } from './app/deaths.ts';
import type { Death, Moment, Way } from './app/deaths.ts';

const LONG_MS = 120_000;
const OLD = { isNew: false } as const;
const NEW = { isNew: true } as const;
const LINUX = { build: 'linux' } as const;
const UNIKERNEL = { build: 'unikernel', group: 'fleet' } as const;

const MOMENTS = {
  'steady, fleet': { seconds: 0, ...OLD, ...UNIKERNEL },
  'steady, Linux': { seconds: 0, ...OLD, ...LINUX, group: 'baseline' },
  'baking, old fleet': { stage: 'baking', seconds: 1, ...OLD, ...UNIKERNEL },
  'canary, canary': { stage: 'canary', seconds: 50, ...NEW, ...LINUX, group: 'canary' },
  'canary, baseline': { stage: 'canary', seconds: 50, ...OLD, ...LINUX, group: 'baseline' },
  'canary, old fleet': { stage: 'canary', seconds: 50, ...OLD, ...UNIKERNEL },
  'debut, new fleet': { stage: 'debut', seconds: 40, ...NEW, ...UNIKERNEL },
  'debut, control': { stage: 'debut', seconds: 40, ...OLD, build: 'unikernel', group: 'control' },
  'promoting, new fleet': { stage: 'promoting', seconds: 40, ...NEW, ...UNIKERNEL },
  'promoting, old fleet': { stage: 'promoting', seconds: 40, ...OLD, ...UNIKERNEL },
  'warm, new fleet': { stage: 'warm', seconds: 30, ...NEW, ...UNIKERNEL },
  'warm, old fleet': { stage: 'warm', seconds: 30, ...OLD, ...UNIKERNEL },
} as const satisfies Record<string, Moment>;

type MomentName = keyof typeof MOMENTS;
const ALL_WAYS: readonly Way[] = ['power-off', 'crash', 'hang', 'sicken', 'reset', 'terminate'];
const TWO_WAYS: readonly Way[] = ['power-off', 'hang'];
const WAYS_AT: Readonly<Record<MomentName, readonly Way[]>> = {
  'steady, fleet': ALL_WAYS,
  'steady, Linux': TWO_WAYS,
  'baking, old fleet': TWO_WAYS,
  'canary, canary': ALL_WAYS,
  'canary, baseline': TWO_WAYS,
  'canary, old fleet': TWO_WAYS,
  'debut, new fleet': ALL_WAYS,
  'debut, control': TWO_WAYS,
  'promoting, new fleet': ALL_WAYS,
  'promoting, old fleet': TWO_WAYS,
  'warm, new fleet': ALL_WAYS,
  'warm, old fleet': TWO_WAYS,
};

const rows: string[] = [];

const pad = (text: unknown, width: number) => String(text ?? '-').padEnd(width);
function row(moment: string, way: string, death: Death): string {
  const { detected, launched, healthy, failedRequests, ended, replacements, crashClass, pages } = death;
  const cells = [detected, launched, healthy, failedRequests, replacements, pages].map((cell) => pad(cell, 9));
  return `${pad(moment, 22)}${pad(way, 11)}${cells.join('')}${pad(crashClass, 14)}${ended} ${death.why.slice(0, 90)}`;
}

afterAll(() => {
  const head = ['detected', 'launched', 'healthy', 'failed', 'replaced', 'pages'].map((cell) => pad(cell, 9)).join('');
  console.log([`${pad('moment', 22)}${pad('way', 11)}${head}${pad('class', 14)}release`, ...rows].join('\n'));
});

describe.each(Object.keys(WAYS_AT) as MomentName[])('%s', (moment) => {
  let bed: Deathbed;
  beforeAll(async () => {
    bed = await Deathbed.open();
  }, LONG_MS);
  afterAll(() => bed.close());

  it.each(WAYS_AT[moment])(
    '%s: the fleet is whole, and there is one fault, one notice, and evidence or the reason why there is none',
    async (way) => {
      const death = await bed.die(way, MOMENTS[moment]);
      rows.push(row(moment, way, death));
      const { stable } = death;
      expect(death.ended).toMatch(/^(stable|rolled-back)$/);
      expect(death.fleet).toEqual([`1 × ${stable} linux baseline`, expect.stringContaining(`3 × ${stable} unikernel`)]);
      expect(death).toMatchObject({ running: [], faults: 1, told: 1, remediations: 1, lost: [], pages: 0 });
      expect(death.replacements).toBeLessThanOrEqual(1);
    },
    LONG_MS,
  );
});
