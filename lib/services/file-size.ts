import type { ServiceFile } from '../../core/service/service-file.ts';

/** AWS: an SSM parameter holds at most 8 KB. About 2 KB are needed for what the service's stack makes. */
const MOST_BYTES = 6000;

/** A file travels to the control plane in its service's parameter, with its defaults filled in. */
export function sizeProblems(file: ServiceFile): string[] {
  const bytes = new TextEncoder().encode(JSON.stringify(file)).length;
  if (bytes <= MOST_BYTES) return [];
  return [`the file: found ${bytes} bytes with its defaults, allowed are ${MOST_BYTES}: use fewer or shorter probes`];
}
