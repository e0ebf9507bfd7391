/** Some of the deaths that `npm run deaths` tries on child processes: one of a stable fleet, and one in each part of a release. */
import { deathMatrix } from './app/matrix.ts';
import { EARLY, LATE, only } from './app/moments.ts';
import { openLiveWards } from './machines/live-wards.ts';
import { PROCESSES } from './machines/processes.ts';

deathMatrix(
  {
    ...only(EARLY, 'steady, fleet', ['reset']),
    ...only(EARLY, 'canary, canary', ['crash']),
    ...only(LATE, 'debut, control', ['power-off']),
    ...only(LATE, 'promoting, old fleet', ['hang']),
  },
  { open: () => openLiveWards(PROCESSES, { beds: 4, speed: 60, network: 10 }), isConcurrent: true, patienceMs: 300_000 },
);
