/** What a function's worker thread and its pool say to each other. */
import type { ContextFacts } from './handler.ts';
import type { Level } from './log.ts';

/** Given when the thread starts. */
export interface WorkerStart {
  readonly url: string;
  readonly handler: string;
  readonly exported: string;
  /** Where Node.js keeps compiled code, if this process keeps it anywhere: a function's next environment starts sooner. */
  readonly compileCache?: string | undefined;
}

export interface WorkerJob {
  readonly facts: ContextFacts;
  readonly payload: unknown;
  readonly timeoutMs: number;
  /** Account time now, and how fast it goes. */
  readonly now: number;
  readonly speed: number;
}

export interface ErrorReport {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type WorkerMessage =
  | { readonly kind: 'said'; readonly level: Level; readonly message: string }
  | { readonly kind: 'printed'; readonly text: string }
  /** `text` is the answer as JSON. */
  | { readonly kind: 'returned'; readonly text: string }
  /** `isInit`: the code could not be loaded, so this environment is of no use. */
  | { readonly kind: 'failed'; readonly error: ErrorReport; readonly isInit: boolean };
