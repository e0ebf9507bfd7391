import { deathMatrix } from './app/matrix.ts';
import { EARLY } from './app/moments.ts';
import { openProcessWards } from './machines/process-wards.ts';

deathMatrix({ 'steady, fleet': EARLY['steady, fleet']! }, { open: () => openProcessWards(3, 40), isConcurrent: true, patienceMs: 300_000 });
