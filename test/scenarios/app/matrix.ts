/** Deaths as a table: rows are told in its order, one line each, when all are over. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Death, Deathbed, Moment } from './deaths.ts';
import type { Rows } from './moments.ts';

/** As many die at once as there are beds. */
export interface Hospital {
  readonly beds: readonly (() => Promise<Deathbed>)[];
  close(): Promise<unknown>;
}

export interface MatrixOptions {
  readonly open: () => Promise<Hospital>;
  readonly isConcurrent?: boolean;
  readonly patienceMs: number;
}

const pad = (text: string | number | undefined, width: number) => String(text ?? '-').padEnd(width);
const HEAD = ['detected', 'launched', 'healthy', 'failed', 'replaced', 'pages'];
const headline = `${pad('moment', 22)}${pad('way', 11)}${HEAD.map((one) => pad(one, 9)).join('')}${pad('class', 14)}release`;

function line(moment: string, way: string, death: Death): string {
  const { detected, launched, healthy, failedRequests, ended, replacements, crashClass, pages } = death;
  const cells = [detected, launched, healthy, failedRequests, replacements, pages].map((cell) => pad(cell, 9));
  return `${pad(moment, 22)}${pad(way, 11)}${cells.join('')}${pad(crashClass, 14)}${ended}: ${death.why.slice(0, 90)}`;
}

function expectHealed(death: Death, { nodes }: { readonly nodes: number }, { stage }: Moment): void {
  const { stable, replacements, unreplaced } = death;
  expect(death.ended).toMatch(/^(stable|rolled-back)$/);
  expect(death.fleet).toEqual([`1 × ${stable} linux baseline`, expect.stringContaining(`${nodes} × ${stable} unikernel`)]);
  expect(death).toMatchObject({ running: [], faults: 1, told: 1, remediations: 1, lost: [], pages: 0 });
  // What a release that is over has no more use for is not replaced; then its record says so, and only then.
  if (stage !== undefined && unreplaced !== undefined) expect(unreplaced).toMatch(/^slot \S+ was retired: /);
  else expect({ replacements, unreplaced }).toEqual({ replacements: 1, unreplaced: undefined });
  if (unreplaced !== undefined) expect(replacements).toBe(0);
}

/** One dies after the other in it. */
interface Bed {
  readonly made: Promise<Deathbed>;
  turn: Promise<unknown>;
}

function makeBed(make: () => Promise<Deathbed>): Bed {
  const made = make();
  // One that cannot be made fails whoever needs it.
  return { made, turn: made.catch(() => undefined) };
}

async function inTurn<Result>(bed: Bed, run: (deathbed: Deathbed) => Promise<Result>): Promise<Result> {
  const outcome = bed.turn.then(async () => run(await bed.made));
  bed.turn = outcome.catch(() => undefined);
  return outcome;
}

export function deathMatrix(rows: Rows, { open, isConcurrent = false, patienceMs }: MatrixOptions): void {
  const all = Object.entries(rows).flatMap(([name, { moment, ways }]) => ways.map((way) => ({ name, moment, way })));
  const cases = all.map((one, place) => ({ ...one, place }));
  const lines = new Map<string, string>();
  let hospital: Hospital | undefined;
  let beds: readonly Bed[];
  beforeAll(async () => {
    hospital = await open();
    beds = hospital.beds.map(makeBed);
  }, patienceMs);
  afterAll(async () => {
    const told = cases.flatMap(({ name, way }) => lines.get(`${name} ${way}`) ?? []);
    console.log([headline, ...told].join('\n'));
    await hospital?.close();
  }, patienceMs);

  (isConcurrent ? describe.concurrent : describe)('the fleet is whole, and there is one fault, one notice and evidence', () => {
    it.each(cases)(
      '$name: $way',
      ({ name, way, moment, place }) =>
        inTurn(beds[place % beds.length]!, async (deathbed) => {
          const death = await deathbed.die(way, moment);
          lines.set(`${name} ${way}`, line(name, way, death));
          expectHealed(death, deathbed.ward, moment);
          expect(death.crashClass).toBe(deathbed.ward.classes[way]);
        }),
      patienceMs,
    );
  });
}
