import { GUESTS } from './consoles-of-guests.ts';
import type { Sample } from './consoles-of-guests.ts';
import { PROGRAMS } from './consoles-of-programs.ts';

/** Ends as consoles show them, each with what it is to be called. */
export const SAMPLES: readonly Sample[] = [...GUESTS, ...PROGRAMS];
