/** Deaths as a table: rows are told as they were found, one line each, when all are over. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CrashClass } from '../../../core/faults/fault.ts';
import { Deathbed, WAYS } from './deaths.ts';
import type { Death, Moment, Way } from './deaths.ts';

const LONG_MS = 120_000;

export interface Row {
  readonly moment: Moment;
  readonly ways: readonly Way[];
}

/** What each is to be called. */
const CLASSES: Readonly<Record<Way, CrashClass>> = {
  'power-off': 'assert',
  crash: 'unknown',
  hang: 'hang',
  sicken: 'hang',
  reset: 'reset-loop',
  terminate: 'sigterm',
};

/** Every way at every moment, for whoever has the time: TANDEM_ALL_DEATHS=1. */
const waysOf = ({ ways }: Row): readonly Way[] =>
  process.env['TANDEM_ALL_DEATHS'] === undefined ? ways : (Object.keys(WAYS) as Way[]);

const pad = (text: string | number | undefined, width: number) => String(text ?? '-').padEnd(width);
const HEAD = ['detected', 'launched', 'healthy', 'failed', 'replaced', 'pages'];
const headline = `${pad('moment', 22)}${pad('way', 11)}${HEAD.map((one) => pad(one, 9)).join('')}${pad('class', 14)}release`;

function line(moment: string, way: string, death: Death): string {
  const { detected, launched, healthy, failedRequests, ended, replacements, crashClass, pages } = death;
  const cells = [detected, launched, healthy, failedRequests, replacements, pages].map((cell) => pad(cell, 9));
  return `${pad(moment, 22)}${pad(way, 11)}${cells.join('')}${pad(crashClass, 14)}${ended}: ${death.why.slice(0, 90)}`;
}

export function deathMatrix(rows: Readonly<Record<string, Row>>): void {
  const lines: string[] = [];
  let bed: Deathbed;
  beforeAll(async () => {
    bed = await Deathbed.open();
  }, LONG_MS);
  afterAll(async () => {
    console.log([headline, ...lines].join('\n'));
    await bed.close();
  });

  describe.each(Object.keys(rows))('%s', (name) => {
    it.each(waysOf(rows[name]!))(
      '%s: the fleet is whole, and there is one fault, one notice, and evidence or the reason why there is none',
      async (way) => {
        const death = await bed.die(way, rows[name]!.moment);
        lines.push(line(name, way, death));
        const { stable } = death;
        expect(death.ended).toMatch(/^(stable|rolled-back)$/);
        expect(death.fleet).toEqual([`1 × ${stable} linux baseline`, expect.stringContaining(`3 × ${stable} unikernel`)]);
        expect(death).toMatchObject({ running: [], faults: 1, told: 1, remediations: 1, lost: [], pages: 0 });
        expect(death.crashClass).toBe(CLASSES[way]);
        expect(death.replacements).toBeLessThanOrEqual(1);
      },
      LONG_MS,
    );
  });
}
