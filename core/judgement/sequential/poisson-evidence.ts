import type { Tally } from './counts.ts';

/** That events come more often than `exposure` allows. At most one in a times ever shows a, however often it is looked at. */
export function poissonEvidence({ events, exposure }: Tally, kappas: readonly number[]): number {
  const sum = kappas.reduce(
    (total, kappa) => total + Math.exp(Math.min(60, events * Math.log(kappa) - (kappa - 1) * exposure)),
    0,
  );
  return sum / kappas.length;
}
