/** Every way of dying at every moment, on child processes. */
import { deathMatrix } from '../scenarios/app/matrix.ts';
import { EARLY, LATE, everyWay } from '../scenarios/app/moments.ts';
import { openLiveWards } from '../scenarios/machines/live-wards.ts';
import { PROCESSES } from '../scenarios/machines/processes.ts';

deathMatrix(everyWay({ ...EARLY, ...LATE }), {
  open: () => openLiveWards(PROCESSES, { beds: 10, speed: 30, network: 20 }),
  isConcurrent: true,
  patienceMs: 600_000,
});
