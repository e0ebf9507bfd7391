/** Ways of dying from the debut of a release to its end. All ways at all moments: TANDEM_ALL_DEATHS=1. */
import { deathMatrix } from './app/matrix.ts';
import { LATE, everyWay } from './app/moments.ts';
import { openVirtualWard } from './app/virtual-ward.ts';

const rows = process.env['TANDEM_ALL_DEATHS'] === undefined ? LATE : everyWay(LATE);
deathMatrix(rows, { open: openVirtualWard, patienceMs: 120_000 });
