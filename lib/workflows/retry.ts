import type { DomainErrorName } from '../../core/errors.ts';
import type { Retrier } from './asl.ts';

/** Of AWS's own error names, those we retry by name (AWS: Step Functions, "Error names"; Lambda's are its service exceptions). */
export type AwsErrorName =
  | 'Lambda.ServiceException'
  | 'Lambda.AWSLambdaException'
  | 'Lambda.SdkClientException'
  | 'Lambda.TooManyRequestsException'
  | 'Lambda.ClientExecutionTimeoutException'
  | 'Lambda.Unknown'
  | 'Sandbox.Timedout'
  | 'States.Timeout'
  /** The SDK's, of a call that was not answered; a function passes it on. */
  | 'TimeoutError'
  | 'States.ALL';

export interface Patience {
  readonly firstSeconds: number;
  readonly longestSeconds: number;
  readonly attempts: number;
}

/** Full jitter: retries of many executions that failed together do not come together again. */
function retryOn(patience: Patience, ...errors: readonly (DomainErrorName | AwsErrorName)[]): Retrier {
  return {
    ErrorEquals: errors,
    IntervalSeconds: patience.firstSeconds,
    BackoffRate: 2,
    MaxDelaySeconds: patience.longestSeconds,
    MaxAttempts: patience.attempts,
    JitterStrategy: 'FULL',
  };
}

/** Asking again cannot help. */
const neverOn = (...errors: readonly (DomainErrorName | AwsErrorName)[]): Retrier => ({ ErrorEquals: errors, MaxAttempts: 0 });

type Remedy = 'never' | 'collision' | 'settling' | 'capacity';

/** Every failure of the domain has a decision here: a new one does not compile without. */
const REMEDY: Readonly<Record<DomainErrorName, Remedy>> = {
  FenceMoved: 'never',
  ReleaseAborted: 'never',
  ReleaseUnknown: 'never',
  ServiceUnknown: 'never',
  LaunchRefused: 'never',
  ImageChanged: 'never',
  ImageRefused: 'never',
  DigestMismatch: 'never',
  ImageNameTaken: 'never',
  SnapshotFailed: 'never',
  RetirementHeld: 'never',
  OrderRefused: 'never',
  SweepIncomplete: 'never',
  InputInvalid: 'never',
  EvidenceUnavailable: 'never',
  RecordConflict: 'collision',
  WeightsNotTaken: 'settling',
  LaunchIncomplete: 'capacity',
};

const DOMAIN_ERRORS = Object.keys(REMEDY).filter((name): name is DomainErrorName => name in REMEDY);
const remediedBy = (remedy: Remedy) => DOMAIN_ERRORS.filter((name) => REMEDY[name] === remedy);

/** Lambda itself takes no calls: a rollback could call nothing either. */
const NOT_CALLED: readonly AwsErrorName[] = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];

const BROKEN_OFF: readonly AwsErrorName[] = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'States.Timeout',
];

/** How long a release insists on one step before it is rolled back. */
export const OF_A_RELEASE: readonly Retrier[] = [
  neverOn(...remediedBy('never')),
  retryOn({ firstSeconds: 1, longestSeconds: 10, attempts: 10 }, ...remediedBy('collision')),
  retryOn({ firstSeconds: 5, longestSeconds: 30, attempts: 10 }, ...remediedBy('settling')),
  retryOn({ firstSeconds: 20, longestSeconds: 120, attempts: 15 }, ...remediedBy('capacity')),
  retryOn({ firstSeconds: 2, longestSeconds: 60, attempts: 40 }, ...NOT_CALLED),
  retryOn({ firstSeconds: 2, longestSeconds: 60, attempts: 8 }, ...BROKEN_OFF),
  retryOn({ firstSeconds: 2, longestSeconds: 60, attempts: 6 }, 'States.ALL'),
];

/** Of what is of use only while a hung node may be kept. */
export const WITHIN_A_MINUTE: readonly Retrier[] = [
  neverOn(...remediedBy('never')),
  retryOn({ firstSeconds: 2, longestSeconds: 8, attempts: 8 }, 'States.ALL'),
];

/** Of what the next state does not wait for, and a later one does again. Where nobody answers, asking takes longest. */
export const BRIEFLY: readonly Retrier[] = [
  neverOn(...remediedBy('never'), 'TimeoutError'),
  retryOn({ firstSeconds: 2, longestSeconds: 8, attempts: 3 }, 'States.ALL'),
];

/** A rollback has nothing to fall back to: it insists for hours. */
export const OF_A_ROLLBACK: readonly Retrier[] = [
  neverOn('FenceMoved', 'ReleaseUnknown', 'ServiceUnknown', 'InputInvalid', 'LaunchRefused'),
  retryOn({ firstSeconds: 20, longestSeconds: 120, attempts: 15 }, ...remediedBy('capacity')),
  retryOn({ firstSeconds: 1, longestSeconds: 300, attempts: 60 }, 'States.ALL'),
];
