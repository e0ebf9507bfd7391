/** What a build tells while it goes on. */
export type BuildProgress =
  | { readonly kind: 'progress'; readonly step: string; readonly text: string }
  /** A line of a tool. */
  | { readonly kind: 'tool'; readonly line: string }
  | { readonly kind: 'written'; readonly path: string; readonly bytes: number; readonly sha256: string };

export const sayProgress = (step: string, text: string): BuildProgress => ({ kind: 'progress', step, text });
