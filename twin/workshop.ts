/** What every step of a build is given. */
import type { Tools } from './tools.ts';

export interface Workshop {
  readonly tools: Tools;
  /** Empty at first; its owner removes it. */
  readonly scratch: string;
  /** Seconds since 1970 that every time stamp in the images has. */
  readonly epoch: number;
  readonly environment: NodeJS.ProcessEnv;
  /** What tools print. */
  readonly tell: (line: string) => void;
}
