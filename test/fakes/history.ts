import type { Season } from '../../core/judgement/history.ts';
import { T0 } from './fixtures.ts';

export const aSeason = (over: Partial<Season> = {}): Season => ({
  ...{ id: '2.0.0#2', version: '2.0.0', at: T0, isPassed: true, isGood: false },
  ...{ requests: 10_000, errors: 20, dispersion: { errors: { chiSquare: 30, degrees: 28 } }, spreads: {} },
  ...{ errorShift: { log: 0.02, variance: 0.01 }, crashes: 0, nodeHours: 100 },
  ...over,
});
