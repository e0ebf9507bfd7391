/** A service in memory with steady, good traffic, and helpers that say what stands. */
import fc from 'fast-check';
import { isAlive } from '../../core/fleet/phase.ts';
import { GROUPS } from '../../core/service/service.ts';
import type { Saboteur } from './crash.ts';
import { service } from './fixtures.ts';
import type { World } from './memory-world.ts';
import { Driver, openWorld, runRelease } from './memory-world.ts';

export const run = (version: string, fence: number) => ({ service: 'web', version, fence });

export function openDriver(file: Record<string, unknown> = {}, saboteur?: Saboteur): Driver {
  const world = openWorld(service(file));
  for (const group of GROUPS) {
    world.metrics.rates.set(group, { requests: 100, errors: 0 });
    world.metrics.unhealthy.set(group, 0);
  }
  return new Driver(world, saboteur);
}

/** With 1.0.0 stable in blue. */
export async function openStable(file: Record<string, unknown> = {}): Promise<Driver> {
  const driver = openDriver(file);
  await driver.uploadBoth('1.0.0');
  await runRelease(driver, run('1.0.0', 1));
  return driver;
}

/** Live slots, counted: `{ 'blue unikernel 1.0.0': 4 }`. */
export async function fleet({ slots }: Pick<World, 'slots'>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const slot of (await slots.list('web')).filter(isAlive)) {
    const key = `${slot.group} ${slot.build} ${slot.version}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

export interface Sizes {
  readonly mode: 'pool' | 'beta';
  readonly N: number;
  readonly L: number;
  readonly k: number;
  readonly m: number;
  readonly canaryPercent: number;
  readonly debutPercent: number;
  readonly maxSurge: number;
}

/** Services of every shape, small enough to run a release of each. */
export const anySizes: fc.Arbitrary<Sizes> = fc
  .record({
    mode: fc.constantFrom('pool' as const, 'beta' as const),
    N: fc.integer({ min: 1, max: 9 }),
    L: fc.integer({ min: 0, max: 4 }),
    k: fc.integer({ min: 1, max: 3 }),
    m: fc.integer({ min: 1, max: 3 }),
    canaryPercent: fc.integer({ min: 1, max: 220 }).map((tenths) => tenths / 10),
    debutPercent: fc.integer({ min: 1, max: 220 }).map((tenths) => tenths / 10),
    maxSurge: fc.integer({ min: 1, max: 4 }),
  })
  .map((sizes) => ({ ...sizes, m: Math.min(sizes.m, sizes.N), L: sizes.mode === 'beta' ? Math.max(1, sizes.L) : sizes.L }));

/** As a service file. */
export const toFile = (sizes: Sizes): Record<string, unknown> => ({
  mode: sizes.mode,
  nodes: sizes.N,
  linuxNodes: sizes.L,
  canary: { nodes: sizes.k, percent: sizes.canaryPercent, minutes: 3 },
  debut: { nodes: sizes.m, percent: sizes.debutPercent, minutes: 3 },
  promotion: { maxSurge: sizes.maxSurge, watchMinutes: 3 },
  ...(sizes.mode === 'beta' ? { beta: { header: { name: 'x-beta', value: '1' } } } : {}),
});
