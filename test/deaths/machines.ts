/** The ways that machines add something to, of a node that is old and of one that is new: with disks, kernels and consoles. */
import { deathMatrix } from '../scenarios/app/matrix.ts';
import { EARLY, rowOf } from '../scenarios/app/moments.ts';
import { openLiveWards } from '../scenarios/machines/live-wards.ts';
import { virtualMachines } from '../scenarios/machines/virtual-machines.ts';

const WAYS = ['power-off', 'crash', 'hang', 'reset'] as const;

deathMatrix(
  { ...rowOf(EARLY, 'steady, fleet', WAYS), ...rowOf(EARLY, 'canary, canary', WAYS) },
  {
    open: () => openLiveWards(virtualMachines(), { beds: 4, speed: 15, network: 21 }),
    isConcurrent: true,
    patienceMs: 1_200_000,
  },
);
