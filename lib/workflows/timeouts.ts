/** How long each workflow may take, seconds. A release waits longest: for its gate, its watches and its warm time. */
const HOUR = 3600;
const DAY = 24 * HOUR;

export const BAKE_SECONDS = 6 * HOUR;
/** A launched node's deadline is at most an hour (service file), and its clock starts before the watch. */
export const WATCH_HEALTH_SECONDS = 3 * HOUR;
/** One watch, or one part of it: the gate is the longest with a week. */
export const WATCH_RELEASE_SECONDS = 9 * DAY;
/** A service file that could need more is refused at synth (`longestRelease`). */
export const RELEASE_SECONDS = 60 * DAY;
export const ROLLBACK_SECONDS = 2 * DAY;
/** The node's evidence takes half an hour at most; a place for its successor may be longer in coming. */
export const REMEDIATE_SECONDS = 3 * HOUR;
