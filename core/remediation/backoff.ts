const FIRST_SECONDS = 10;
const LONGEST_SECONDS = 300;

/** After the nth instance in a row that failed before it was healthy: 10 s, doubling, at most 5 minutes. */
export const backoffSeconds = (failures: number): number =>
  Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(10, Math.max(0, failures - 1)));
