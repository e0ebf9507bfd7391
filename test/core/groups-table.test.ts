/** docs/groups.md is read as it stands; releases of random sizes are run, and held to its rows. */
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Weights } from '../../core/release/release.ts';
import { anySizes, fleet, openDriver, run, toFile } from '../fakes/hello.ts';
import type { Sizes } from '../fakes/hello.ts';
import type { Driver, Stop } from '../fakes/memory-world.ts';
import { runCanary, runDebut, runFinish, runRollback } from '../fakes/memory-world.ts';

interface Row {
  readonly isFirst: boolean;
  readonly mode: string;
  readonly when: string;
  readonly group: string;
  readonly nodes: string;
  readonly build: string;
  readonly release: string;
  readonly main: string;
  readonly beta: string;
}

const text = readFileSync(new URL('../../docs/groups.md', import.meta.url), 'utf8');

function readRows(): readonly Row[] {
  const [before = '', first = ''] = text.split('## A first release');
  const rows = (part: string, isFirst: boolean) =>
    [...part.matchAll(/^\| (pool|beta) \|(.*)\|$/gm)].map(([, mode = '', rest = '']): Row => {
      const [when = '', group = '', nodes = '', build = '', release = '', main = '', beta = ''] = rest
        .split('|')
        .map((c) => c.trim());
      return { isFirst, mode, when, group, nodes, build, release, main, beta };
    });
  return [...rows(before, false), ...rows(first, true)];
}

const ROWS = readRows();

interface Scene {
  readonly sizes: Sizes;
  readonly isFirst: boolean;
  /** Unikernels of the new release that are up. */
  readonly g: number;
  readonly old: string;
  readonly version: string;
  readonly F: string;
  readonly next: string;
}

/** Arithmetic in the symbols of the page. */
function evaluate(expression: string, { sizes, g }: Scene): number {
  const symbols = {
    N: sizes.N,
    L: sizes.L,
    k: sizes.k,
    m: sizes.m,
    g,
    c: Math.round(sizes.canaryPercent * 10),
    d: Math.round(sizes.debutPercent * 10),
  };
  const filled = expression.replace(/[A-Za-z]/g, (name) => String(symbols[name as keyof typeof symbols]));
  return Number(runInNewContext(filled));
}

function weightsOf(rows: readonly Row[], rule: 'main' | 'beta', scene: Scene): Record<string, number> {
  const name = (row: Row) => (row.group === 'F' ? scene.F : row.group === 'next' ? scene.next : row.group);
  const weights: Record<string, number> = {};
  const fixed = rows.filter((row) => row[rule] !== '' && row[rule] !== 'rest');
  for (const row of fixed) weights[name(row)] = Math.round(evaluate(row[rule], scene));
  const total = () => Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const rest = rows.find((row) => row[rule] === 'rest');
  const isSplit = rows.some((row) => row.when === 'promoting') && rule === 'main' && scene.g < scene.sizes.N && !scene.isFirst;
  if (isSplit)
    weights[scene.next] = Math.min(Math.max(1, weights[scene.next] ?? 0), 1000 - total() + (weights[scene.next] ?? 0) - 1);
  if (rest) weights[name(rest)] = 1000 - total();
  const some = Object.entries(weights).filter(([, weight]) => weight > 0);
  return Object.fromEntries(some.length === 1 ? some.map(([group]) => [group, 999]) : some);
}

async function holdToTable(driver: Driver, when: string, scene: Scene): Promise<void> {
  const rows = ROWS.filter((row) => row.isFirst === scene.isFirst && row.mode === scene.sizes.mode && row.when === when);
  expect(rows.length, when).toBeGreaterThan(0);
  const nodes: Record<string, number> = {};
  for (const row of rows) {
    const group = row.group === 'F' ? scene.F : row.group === 'next' ? scene.next : row.group;
    const count = evaluate(row.nodes, scene);
    if (count > 0) nodes[`${group} ${row.build} ${row.release === 'R' ? scene.old : scene.version}`] = count;
  }
  expect(await fleet(driver.world), when).toEqual(nodes);
  const shown: Weights = await driver.world.traffic.read(driver.world.service);
  expect(shown.main, `${when}: main`).toEqual(weightsOf(rows, 'main', scene));
  expect(shown.beta, `${when}: beta`).toEqual(weightsOf(rows, 'beta', scene));
}

async function runHeld(driver: Driver, scene: Scene, fence: number, until: Stop = 'stable'): Promise<void> {
  const it = run(scene.version, fence);
  await driver.uploadBoth(scene.version);
  await driver.record(it, 'baking');
  await driver.bake(it);
  await runCanary(driver, it);
  await holdToTable(driver, 'canary', scene);
  if (until === 'canary') return;
  await runDebut(driver, it);
  await holdToTable(driver, 'debut', scene);
  if (until === 'debut') return;
  await driver.record(it, 'promoting');
  await driver.watch(it, 'gate');
  for (let g = scene.sizes.m; (await driver.launch(it, 'promote')).kind !== 'complete';) {
    g = Math.min(scene.sizes.N, g + scene.sizes.maxSurge);
    await driver.health(it, 'promote');
    await driver.shift(it, 'promote');
    await holdToTable(driver, 'promoting', { ...scene, g });
    await driver.watch(it, 'promotion');
  }
  if (until === 'promoting') return;
  await runFinish(driver, it);
  await driver.record(it, 'warm');
  await holdToTable(driver, 'warm', scene);
  if (until === 'warm') return;
  await driver.watch(it, 'warm');
  await driver.retire(it, 'old-fleet');
  await driver.record(it, 'stable');
  await holdToTable(driver, 'stable', scene);
}

it('nodes and weights are what docs/groups.md says, for services of every shape, at every stage', async () => {
  const ends = fc.constantFrom<Stop>('canary', 'debut', 'promoting', 'warm', 'stable');
  await fc.assert(
    fc.asyncProperty(anySizes, ends, async (sizes, end) => {
      const driver = openDriver(toFile(sizes));
      const first: Scene = { sizes, isFirst: true, g: sizes.m, old: '', version: '1.0.0', F: 'green', next: 'blue' };
      await runHeld(driver, first, 1);
      const second: Scene = { sizes, isFirst: false, g: sizes.m, old: '1.0.0', version: '2.0.0', F: 'blue', next: 'green' };
      await holdToTable(driver, 'steady', second);
      await runHeld(driver, second, 2, end);
      if (end === 'stable') return;
      expect(await runRollback(driver, run('2.0.0', 2))).toBe('done');
      await holdToTable(driver, 'rolled-back', second);
    }),
    { numRuns: 60 },
  );
});

it('the page has a row for every mode and stage that is run', () => {
  const stages = (isFirst: boolean, mode: string) => [
    ...new Set(ROWS.filter((row) => row.isFirst === isFirst && row.mode === mode).map(({ when }) => when)),
  ];
  for (const mode of ['pool', 'beta']) {
    expect(stages(false, mode)).toEqual(['steady', 'canary', 'debut', 'promoting', 'warm', 'stable', 'rolled-back']);
    expect(stages(true, mode)).toEqual(['canary', 'debut', 'promoting', 'warm', 'stable']);
  }
});
