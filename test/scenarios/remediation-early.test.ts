/** Each way of dying while nothing is released, and until a canary is judged. All ways at all moments: TANDEM_ALL_DEATHS=1. */
import { deathMatrix } from './app/matrix.ts';
import { EARLY, everyWay } from './app/moments.ts';
import { openVirtualWard } from './app/virtual-ward.ts';

const rows = process.env['TANDEM_ALL_DEATHS'] === undefined ? EARLY : everyWay(EARLY);
deathMatrix(rows, { open: openVirtualWard, patienceMs: 120_000 });
