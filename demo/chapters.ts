/** The four releases of the demo, and how each is to end. */
import type { HelloRelease } from '../examples/hello/build.ts';

export const SERVICE = 'hello';

/** Nodes of a stable release, as examples/services/hello.json declares them (`nodes` and `linuxNodes`). */
export const FLEET = { unikernel: 4, linux: 2 } as const;

export interface Chapter {
  readonly release: HelloRelease;
  readonly title: string;
  /** Every stage, in order, to the last. */
  readonly stages: readonly string[];
  /** The stage in which the operator aborts. */
  readonly abortIn?: string;
  /** Pattern of the reason given for the rollback. */
  readonly why?: RegExp;
}

const GOOD = ['received', 'baking', 'canary', 'debut', 'promoting', 'warm', 'stable'];

export const CHAPTERS: readonly Chapter[] = [
  { release: { version: '1.0.0' }, title: 'the first release: nothing to compare with', stages: GOOD },
  { release: { version: '1.1.0' }, title: 'a good release', stages: GOOD },
  {
    release: { version: '1.2.0', failEvery: 20 },
    title: 'a bad one: 5 % of its answers are 500',
    stages: ['received', 'baking', 'canary', 'rolling-back', 'rolled-back'],
    why: /^\d+\.\d % of \d+ requests to canary failed > 1 % allowed/,
  },
  {
    release: { version: '1.3.0' },
    title: 'a good one, aborted by the operator while it is promoted',
    stages: ['received', 'baking', 'canary', 'debut', 'promoting', 'rolling-back', 'rolled-back'],
    abortIn: 'promoting',
    why: /^aborted by demo operator: changed my mind$/,
  },
];

export const endsStable = (chapter: Chapter) => chapter.stages.at(-1) === 'stable';
