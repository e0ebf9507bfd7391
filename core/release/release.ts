/**
 * The nouns of a release. Two kinds of record, each one item in the table:
 *
 *   ServiceRecord  one a service: who may write (fence), what is stable, what is in flight, the weights wanted
 *   ReleaseRecord  one a version: stage, intent, images, history
 *
 * A release is in flight exactly while ServiceRecord.inFlight names it. Its steps hold the fence they were started
 * with; a rollback takes over by raising the fence, and every older step stops with FenceMoved.
 */
import type { Build, Fleet, Group, Service } from '../service/service.ts';

export type Stage =
  | 'received'
  | 'baking'
  | 'canary'
  | 'debut'
  | 'promoting'
  | 'warm'
  | 'stable'
  | 'refused'
  | 'rolling-back'
  | 'rolled-back'
  | 'superseded';

export type IntentKind = 'abort' | 'supersede' | 'pause' | 'promote' | 'finish';

/** What an operator (or a newer release) has ordered. */
export interface Intent {
  readonly kind: IntentKind;
  readonly by: string;
  readonly why: string;
  readonly at: number;
}

export type OrderKind = 'abort' | 'pause' | 'resume' | 'promote' | 'finish';

export interface Order {
  readonly kind: OrderKind;
  readonly by: string;
  readonly why: string;
  readonly at: number;
}

/** An uploaded object, pinned to the S3 version that was admitted, and what was baked from it. */
export interface ReleaseImage {
  readonly key: string;
  readonly versionId: string;
  readonly bytes: number;
  readonly etag: string;
  /** Hexadecimal digest over its blocks' digests (`core/image/block-digests.ts`), known once it is baked. */
  readonly blocks?: string;
  /** Hexadecimal SHA-256 of the whole object, known once it is baked where a manifest gives no digest of its blocks. */
  readonly sha256?: string;
  /** What is odd about it, and may be why it does not serve. */
  readonly note?: string;
  readonly snapshotId?: string;
  /** When every block of the snapshot was written and its completion was asked for first. */
  readonly sealedAt?: number;
  readonly imageId?: string;
}

export interface Manifest {
  readonly key: string;
  readonly versionId: string;
  /** Hexadecimal SHA-256 that each image must have. */
  readonly sha256: Readonly<Record<Build, string>>;
  /** Digests over each image's blocks, where the manifest declares them; then the size is declared too. */
  readonly blocks?: Readonly<Partial<Record<Build, string>>>;
  /** Sizes, where the manifest declares them. */
  readonly bytes?: Readonly<Partial<Record<Build, number>>>;
}

/**
 * One change of stage, or (with `about`) something that was refused or seen while the stage stayed as it was. Its
 * notification is due until `notified` is true.
 */
export interface Transition {
  /** Stable id of the notification: `<service>@<version>#<fence>-<n>`. */
  readonly id: string;
  readonly stage: Stage;
  readonly at: number;
  readonly why: string;
  readonly by: string;
  readonly notified: boolean;
  /** What was refused, `<key>#<version id>`, or seen, `late#<fence>`. One remark for each, however often its event comes. */
  readonly about?: string;
}

export type VerdictKind = 'pass' | 'fail' | 'inconclusive' | 'wait';

/** One test of a verdict: what was found of the new release and of the old, and what it is held against. */
export interface VerdictTest {
  readonly test: string;
  /** Of what it compares, the mean or the share of the requests; absent where there is no such number. */
  readonly watched?: number;
  readonly reference?: number;
  /** Evidence against the release, and how much of it fails one; absent where a limit alone decides. */
  readonly evidence?: number;
  readonly threshold: number;
  /** Requests, node-hours or minutes that were compared. */
  readonly samples: number;
  /** It is told, and decides nothing. */
  readonly dryRun?: boolean;
}

export interface Verdict {
  readonly kind: VerdictKind;
  readonly why: string;
  /** Whose fault it is: the code's, the platform's, the instrumentation's, the environment's. */
  readonly cause?: 'code' | 'platform' | 'instrumentation' | 'environment';
  readonly tests?: readonly VerdictTest[];
}

export interface ReleaseRecord {
  readonly service: string;
  readonly version: string;
  readonly stage: Stage;
  /** Fence under which the release runs; 0 until it is started. */
  readonly fence: number;
  /** Counts writes; every conditional write names the revision it read. */
  readonly revision: number;
  readonly intent?: Intent;
  readonly paused: boolean;
  /** What old and new alike suffer from, and since when it is known: the release is held for it. */
  readonly trouble?: { readonly since: number; readonly why: string };
  readonly images: Readonly<Partial<Record<Build, ReleaseImage>>>;
  readonly manifest?: Manifest;
  /** The fleet this release fills; known once it is started. */
  readonly fleet?: Fleet;
  /** Version that was stable when this one started: what it is compared with and rolled back to. */
  readonly replaces?: string;
  /** The service as it was when the release started; absent before. */
  readonly pinned?: Service;
  /** The newest, oldest first. */
  readonly verdicts: readonly (Verdict & { readonly stage: Stage; readonly at: number })[];
  readonly transitions: readonly Transition[];
  /** What was ordered, with who and why: the newest, oldest first. */
  readonly orders: readonly Order[];
  /** When the replaced fleet's retirement began: from here the release only goes forward. */
  readonly committedAt?: number;
  /** The retirement that could not begin, by its phase, and since when: it has a limit. */
  readonly held?: { readonly phase: string; readonly since: number };
  readonly receivedAt: number;
  readonly changedAt: number;
}

/** Weights in thousandths of the requests that meet a rule. `beta` is empty in pool mode. A missing group has 0. */
export interface Weights {
  readonly main: Readonly<Partial<Record<Group, number>>>;
  readonly beta: Readonly<Partial<Record<Group, number>>>;
}

export interface StableRelease {
  readonly version: string;
  readonly fleet: Fleet;
}

export interface ServiceRecord {
  readonly service: string;
  /** Only grows. Raised when a release starts and when a rollback takes over. */
  readonly fence: number;
  readonly revision: number;
  readonly inFlight?: string;
  readonly stable?: StableRelease;
  /** Versions that are complete and wait for their turn, first in line first. */
  readonly queue: readonly string[];
  readonly weights: Weights;
  /** When `weights` last changed: the sweep leaves a shift under way alone. */
  readonly weightsChangedAt?: number;
  /** Weighted groups without a healthy node: a weighted group does not fail over, so the others have its share meanwhile. */
  readonly dark?: readonly Group[];
}

/** What every step of a release is told. `at`: when the workflow entered the state, the same on every retry. */
export interface StepInput {
  readonly service: string;
  readonly version: string;
  readonly fence: number;
  readonly at: number;
}

/** The name users and AWS resources know a release by. */
export const releaseName = (service: string, version: string) => `${service}@${version}`;

export const NO_WEIGHTS: Weights = { main: {}, beta: {} };

/** Stages a release never leaves. */
const FINAL_STAGES: readonly Stage[] = ['stable', 'refused', 'rolled-back', 'superseded'];
export const isFinal = (release: Pick<ReleaseRecord, 'stage'>) => FINAL_STAGES.includes(release.stage);

export const newService = (service: string): ServiceRecord => ({
  service,
  fence: 0,
  revision: 0,
  queue: [],
  weights: NO_WEIGHTS,
});

export const newRelease = (service: string, version: string, at: number): ReleaseRecord => ({
  service,
  version,
  stage: 'received',
  fence: 0,
  revision: 0,
  paused: false,
  images: {},
  verdicts: [],
  transitions: [],
  orders: [],
  receivedAt: at,
  changedAt: at,
});

export interface Change {
  readonly at: number;
  readonly why: string;
  readonly by: string;
  readonly about?: string;
}

/** The record with one more transition. A remark (`about`) is a transition that keeps the stage. */
export function withTransition(release: ReleaseRecord, stage: Stage, change: Change): ReleaseRecord {
  const id = `${releaseName(release.service, release.version)}#${release.fence}-${release.transitions.length + 1}`;
  return {
    ...release,
    stage,
    changedAt: change.at,
    transitions: [...release.transitions, { id, stage, ...change, notified: false }],
  };
}
