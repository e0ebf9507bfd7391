/** The ways that machines add something to, of a node that is old and of one that is new: with disks, kernels and consoles. */
import { deathMatrix } from '../scenarios/app/matrix.ts';
import { EARLY } from '../scenarios/app/moments.ts';
import type { Row, Rows } from '../scenarios/app/moments.ts';
import { openLiveWards } from '../scenarios/machines/live-wards.ts';
import { virtualMachines } from '../scenarios/machines/virtual-machines.ts';

const ways = ['power-off', 'crash', 'hang', 'reset'] as const;
const row = (name: string): Rows => {
  const found: Row | undefined = EARLY[name];
  if (!found) throw new Error(`there is no row ${name}`);
  return { [name]: { ...found, ways } };
};

deathMatrix(
  { ...row('steady, fleet'), ...row('canary, canary') },
  {
    open: () => openLiveWards(virtualMachines(), { beds: 4, speed: 15, network: 21 }),
    isConcurrent: true,
    patienceMs: 1_200_000,
  },
);
