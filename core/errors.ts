/** Every failure the domain has a word for. The name is the contract: workflows match it, the command line prints it. */
export type DomainErrorName =
  | 'FenceMoved'
  | 'ReleaseAborted'
  | 'ReleaseUnknown'
  | 'ServiceUnknown'
  | 'RecordConflict'
  | 'LaunchIncomplete'
  | 'LaunchRefused'
  | 'ImageChanged'
  | 'ImageRefused'
  | 'DigestMismatch'
  | 'ImageNameTaken'
  | 'SnapshotFailed'
  | 'WeightsNotTaken'
  | 'RetirementHeld'
  | 'OrderRefused'
  | 'SweepIncomplete'
  | 'EvidenceUnavailable'
  | 'InputInvalid';

export class DomainError<Name extends DomainErrorName = DomainErrorName> extends Error {
  override readonly name: Name;
  constructor(name: Name, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** Branches go by name: `instanceof` does not hold across bundles. */
export const isNamed = (error: unknown, name: DomainErrorName): error is Error => error instanceof Error && error.name === name;

export const fenceMoved = (release: string, mine: number, now: number) =>
  new DomainError(
    'FenceMoved',
    `${release} was taken over: this step holds fence ${mine}, the record is at ${now}. Nothing was done.`,
  );

export const releaseAborted = (release: string, by: string, why: string) =>
  new DomainError('ReleaseAborted', `${release} is to be aborted: ordered by ${by} (${why}).`);

export const releaseUnknown = (release: string) =>
  new DomainError('ReleaseUnknown', `There is no release ${release}. Upload its images, or check the version.`);

export const serviceUnknown = (service: string) =>
  new DomainError('ServiceUnknown', `There is no service "${service}". Add services/${service}.json and run cdk deploy.`);

export const recordConflict = (what: string, cause?: unknown) =>
  new DomainError('RecordConflict', `${what} was changed by another writer at the same moment; asking again can help.`, {
    cause,
  });

export const launchIncomplete = (left: number, why: string) =>
  new DomainError('LaunchIncomplete', `${left} node(s) are still to be launched: ${why}. Asking again can help.`);

export const launchRefused = (left: number, why: string) =>
  new DomainError('LaunchRefused', `${left} node(s) cannot be launched: ${why}.`);

export const imageChanged = (key: string, cause?: unknown) =>
  new DomainError(
    'ImageChanged',
    `${key} is not there any more in the version this release was admitted with. Upload a new version of the release.`,
    { cause },
  );

export const imageRefused = (key: string, why: string) => new DomainError('ImageRefused', `${key} is refused: ${why}.`);

export const digestMismatch = (key: string, { what, wanted, found }: { what: string; wanted: string; found: string }) =>
  new DomainError(
    'DigestMismatch',
    `${key} has ${what} ${found}, but release.json says ${wanted}. Upload both again from one build, as a new version.`,
  );

export const imageNameTaken = (name: string, wanted: string, found: string) =>
  new DomainError(
    'ImageNameTaken',
    `An AMI named ${name} exists with digest tag "${found}", not "${wanted}". Deregister it, or release under a new version.`,
  );

export const snapshotFailed = (snapshot: string, why: string) =>
  new DomainError('SnapshotFailed', `Snapshot ${snapshot} failed: ${why}.`);

export const weightsNotTaken = (service: string, why: string) =>
  new DomainError(
    'WeightsNotTaken',
    `The load balancer of "${service}" does not show the weights that were set: ${why}. Asking again can help.`,
  );

export const retirementHeld = (release: string, why: string, seconds: number) =>
  new DomainError('RetirementHeld', `Nodes that ${release} replaces could not be retired for ${seconds} seconds: ${why}.`);

export const orderRefused = (release: string, intent: string, why: string) =>
  new DomainError('OrderRefused', `${release} does not take "${intent}": ${why}.`);

export const sweepIncomplete = (failed: number, why: string) =>
  new DomainError('SweepIncomplete', `${failed} duty(s) of the sweep failed; the next one tries again: ${why}`);

export const inputInvalid = (what: string, why: string) => new DomainError('InputInvalid', `${what} is not valid: ${why}.`);

/** Compile-time proof that every kind of a union was handled. */
export function unreachable(value: never): never {
  throw new TypeError(`Unhandled: ${JSON.stringify(value)}`);
}

/** Asking again cannot help: the piece is listed as missed. */
export const evidenceUnavailable = (what: string, why: string, cause?: unknown) =>
  new DomainError('EvidenceUnavailable', `${what} cannot be had: ${why}.`, { cause });
