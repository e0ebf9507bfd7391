/** What a demo shows: which service, on what kind of nodes, and how each of its releases is to end. */

/** A release of the example, as its builders take it. */
export interface DemoRelease {
  readonly version: string;
  /** Every how many greetings one answers 500; 0 or absent: none. */
  readonly failEvery?: number;
}

export interface Chapter {
  readonly release: DemoRelease;
  readonly title: string;
  /** Every stage, in order, to the last. */
  readonly stages: readonly string[];
  /** The stage in which the operator aborts. */
  readonly abortIn?: string;
  /** Pattern of the reason given for the rollback. */
  readonly why?: RegExp;
  /** A node of the release before dies while this one is in that stage. */
  readonly deathIn?: { readonly stage: string; readonly death: Death };
}

/** A unikernel of the stable release fails, of a bug that one request finds. */
export interface Death {
  /** crash, hang, … */
  readonly way: string;
  readonly title: string;
  /** What finds it. */
  readonly path: string;
  readonly crashClass: string;
}

/** Nodes of a stable release, as the service file declares them (`nodes` and `linuxNodes`). */
export interface Fleet {
  readonly unikernel: number;
  readonly linux: number;
}

/** An object to upload: its name under `<service>/<version>/`, and its bytes or the file that holds them. */
export interface Part {
  readonly name: string;
  readonly body: Uint8Array | { readonly file: string };
}

export interface Builder {
  readonly tell: (line: string) => void;
  /** A folder for what is built; the demo removes it at its end. */
  readonly folder: string;
  readonly interrupted: AbortSignal;
}

export interface Scenario {
  readonly service: string;
  /** Folder of its service file. */
  readonly services: string;
  readonly fleet: Fleet;
  /** Where a node listens. */
  readonly port: number;
  readonly chapters: readonly Chapter[];
  /** What nodes of the stable release die of when the releases are over, one after the other. */
  readonly deaths?: readonly Death[];
  /** Account seconds a second, unless the user says otherwise. */
  readonly speed: number;
  readonly requestsPerSecond: number;
  /** How long one release may take, in real time. */
  readonly patienceMs: number;
  /** What the demo does not prove, for its last page. */
  readonly notProven: string;
  /** Names of alarms that this scenario's speed sets off, and that prove nothing; absent: none. */
  readonly alarmsOfSpeed?: RegExp;
  /** What the machine lacks for it, given where programs are found; absent: Node is enough. */
  readonly missing?: (searchPath: string) => string | undefined;
  readonly build: (release: DemoRelease, builder: Builder) => Promise<readonly Part[]>;
}

export const GOOD: readonly string[] = ['received', 'baking', 'canary', 'debut', 'promoting', 'warm', 'stable'];

export const endsStable = (chapter: Chapter) => chapter.stages.at(-1) === 'stable';
