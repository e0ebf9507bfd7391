import { GUESTS } from './consoles-of-guests.ts';
import type { Sample } from './consoles-of-guests.ts';
import { PROGRAMS } from './consoles-of-programs.ts';
import { UNSEEN_GUESTS } from './unseen-guests.ts';
import { UNSEEN_PROGRAMS } from './unseen-programs.ts';

/** Ends as consoles show them, each with what it is to be called. */
export const SAMPLES: readonly Sample[] = [...GUESTS, ...PROGRAMS, ...UNSEEN_GUESTS, ...UNSEEN_PROGRAMS];
