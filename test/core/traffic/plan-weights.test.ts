import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planWeights } from '../../../core/traffic/plan-weights.ts';
import type { Serving, ShiftPhase, WeightFacts } from '../../../core/traffic/plan-weights.ts';
import { service } from '../../fakes/fixtures.ts';
import { anySizes, toFile } from '../../fakes/hello.ts';

const all: Serving = { canary: 2, control: 1, next: 4, baselineStable: 2, baselineNext: 2 };

const facts = (given: Partial<WeightFacts> = {}): WeightFacts => ({
  file: service().file,
  phase: 'canary',
  next: 'green',
  stable: 'blue',
  serving: all,
  isBaselineMixed: false,
  ...given,
});

const PHASES: readonly ShiftPhase[] = ['canary', 'debut', 'promote', 'finish', 'rollback', 'restore'];
const counts = fc.record({
  canary: fc.nat(3),
  control: fc.nat(3),
  next: fc.nat(9),
  baselineStable: fc.nat(4),
  baselineNext: fc.nat(4),
});

const anyFacts = fc
  .record({
    sizes: anySizes,
    phase: fc.constantFrom(...PHASES),
    serving: counts,
    isFirst: fc.boolean(),
    isBaselineMixed: fc.boolean(),
  })
  .map(({ sizes, isFirst, ...rest }): WeightFacts => {
    const base = facts({ ...rest, file: service(toFile(sizes)).file });
    return isFirst ? { ...base, stable: undefined } : base;
  });

describe('weights', () => {
  it('are whole numbers from 1 to 999 that make 1000 together, or one group has all', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const plan = planWeights(given);
        if (plan.kind === 'unsafe') return;
        for (const rule of [plan.weights.main, plan.weights.beta]) {
          const weights = Object.values(rule);
          for (const weight of weights) expect(Number.isInteger(weight) && weight >= 1 && weight <= 999).toBe(true);
          const sum = weights.reduce((total, weight) => total + weight, 0);
          expect(
            [
              [0, 0],
              [1, 999],
            ].some(([n, s]) => weights.length === n && sum === s) || sum === 1000,
            JSON.stringify(rule),
          ).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('are given to no group without a healthy node, save the stable fleet', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const plan = planWeights(given);
        if (plan.kind === 'unsafe') return;
        const { serving } = given;
        const healthy = {
          canary: serving.canary,
          control: serving.control,
          baseline: serving.baselineStable + serving.baselineNext,
          green: serving.next,
          blue: 1,
        };
        for (const group of [...Object.keys(plan.weights.main), ...Object.keys(plan.weights.beta)]) {
          expect(healthy[group as keyof typeof healthy], `${given.phase}: ${group}`).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('give the new fleet no less as it grows, and never more to one of its nodes than a whole fleet would', () => {
    fc.assert(
      fc.property(anySizes, (sizes) => {
        const { file } = service(toFile(sizes));
        const shares = Array.from({ length: sizes.N }, (_, index) => {
          const plan = planWeights(facts({ file, phase: 'promote', serving: { ...all, next: index + 1 } }));
          return plan.kind === 'set' ? (plan.weights.main.green ?? 0) : -1;
        });
        expect([...shares].sort((a, b) => a - b)).toEqual(shares);
        shares.forEach((share, index) => expect(share).toBeLessThanOrEqual(Math.ceil((1000 * (index + 1)) / sizes.N)));
      }),
    );
  });

  it('take everything from the new release on the way back, and leave baseline out while one of its nodes is in it', () => {
    const back = (given: Partial<WeightFacts>) => planWeights(facts({ phase: 'rollback', ...given }));
    expect(back({})).toMatchObject({ weights: { main: { blue: 667, baseline: 333 } } });
    expect(back({ isBaselineMixed: true })).toMatchObject({ weights: { main: { blue: 999 }, beta: {} } });
    expect(back({ isBaselineMixed: true }).kind === 'set' && back({ isBaselineMixed: true })).not.toHaveProperty(
      'weights.main.baseline',
    );
  });

  it('go to no fleet that is too small to take over', () => {
    expect(planWeights(facts({ phase: 'finish', serving: { ...all, next: 3 } }))).toEqual({
      kind: 'unsafe',
      why: 'the new fleet has 3 healthy node(s) of 4, and 4 is the least',
    });
    const tolerant = service({ promotion: { minHealthyPercent: 50 } }).file;
    expect(planWeights(facts({ file: tolerant, phase: 'finish', serving: { ...all, next: 2 } })).kind).toBe('set');
  });
});
