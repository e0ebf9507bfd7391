/** Every way of dying at every moment, on child processes. */
import { deathMatrix } from '../scenarios/app/matrix.ts';
import { EARLY, LATE } from '../scenarios/app/moments.ts';
import { openLiveWards } from '../scenarios/machines/live-wards.ts';
import { PROCESSES } from '../scenarios/machines/processes.ts';

const open = () =>
  openLiveWards(PROCESSES, {
    beds: Number(process.env['BEDS'] ?? 10),
    speed: Number(process.env['SPEED'] ?? 40),
    network: Number(process.env['NET'] ?? 20),
  });
deathMatrix({ ...EARLY, ...LATE }, { open, isConcurrent: true, patienceMs: 600_000 });
