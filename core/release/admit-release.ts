/** What becomes of a release now: the rule of one release in flight a service. Pure. */
import type { Build, Service } from '../service/service.ts';
import { BUILDS } from '../service/service.ts';
import type { ReleaseRecord, ServiceRecord } from './release.ts';
import { isFinal, releaseName } from './release.ts';

export interface AdmissionFacts {
  readonly service: Service;
  readonly record: ServiceRecord;
  readonly release: ReleaseRecord;
  /** The release that is in flight, if another one is. */
  readonly inFlight?: ReleaseRecord;
}

export type Admission =
  | { readonly kind: 'start' | 'ignore' | 'refuse'; readonly why: string }
  | { readonly kind: 'wait'; readonly missing: readonly string[]; readonly why: string }
  | {
      readonly kind: 'queue';
      readonly queue: readonly string[];
      /** Versions that waited and never will start now. */
      readonly drop: readonly string[];
      /** What the release in flight is told. */
      readonly tell?: 'finish' | 'supersede';
      readonly why: string;
    };

export function admitRelease(facts: AdmissionFacts): Admission {
  const { service, record, release } = facts;
  const name = releaseName(release.service, release.version);
  if (isFinal(release)) return { kind: 'ignore', why: `${name} is ${release.stage} already` };
  const isMine = record.inFlight === release.version;
  if (release.stage !== 'received') return { kind: 'ignore', why: `${name} is ${release.stage} already` };
  if (isMine) return { kind: 'start', why: `${name} has its turn` };

  const missing = missingParts(service, release);
  if (missing.length > 0) return { kind: 'wait', missing, why: `${name} waits for ${missing.join(' and ')}` };
  const wrong = wrongSize(release);
  if (wrong !== undefined) return { kind: 'refuse', why: wrong };
  if (record.inFlight === undefined) return startOrLine(record, release);
  return besideAnother(facts, record.inFlight);
}

/** What the declared integrity still wants. */
export function missingParts({ file }: Service, release: ReleaseRecord): readonly string[] {
  const images = BUILDS.filter((build) => !release.images[build]).map((build) => `${build}.raw`);
  const manifest = file.integrity !== 'none' && !release.manifest ? ['release.json'] : [];
  return [...images, ...manifest];
}

function wrongSize({ images, manifest }: ReleaseRecord): string | undefined {
  const differs = (build: Build) => {
    const declared = manifest?.bytes?.[build];
    return declared !== undefined && images[build] !== undefined && images[build].bytes !== declared;
  };
  const build = BUILDS.find(differs);
  if (!build) return undefined;
  return `${build}.raw has ${images[build]?.bytes ?? 0} bytes, but release.json says ${manifest?.bytes?.[build] ?? 0}. Upload both from one build, as a new version`;
}

/** A free service starts the first in line; this one goes behind those that came before. */
function startOrLine(record: ServiceRecord, { version }: ReleaseRecord): Admission {
  const first = record.queue[0] ?? version;
  if (first === version) return { kind: 'start', why: 'the service has no other release in flight' };
  return { kind: 'queue', queue: inLine(record.queue, version), drop: [], why: `${first} is before it in line` };
}

function besideAnother({ service, record, release, inFlight }: AdmissionFacts, other: string): Admission {
  const { version } = release;
  const isWarm = inFlight?.stage === 'warm';
  if (isWarm) {
    const isTold = inFlight.intent !== undefined && inFlight.intent.kind !== 'promote';
    const tell = isTold || inFlight.committedAt !== undefined ? {} : { tell: 'finish' as const };
    return {
      kind: 'queue',
      queue: inLine(record.queue, version),
      drop: [],
      ...tell,
      why: `${other} is warm: its warm time ends early`,
    };
  }
  switch (service.file.onNewRelease) {
    case 'refuse':
      return refuse(record, version, other);
    case 'queue':
      return { kind: 'queue', queue: inLine(record.queue, version), drop: [], why: `it waits until ${other} is over` };
    case 'supersede':
      return supersede(record, version, inFlight);
  }
}

/** One that was in line already (behind a warm release, say) keeps its place. */
function refuse(record: ServiceRecord, version: string, other: string): Admission {
  if (record.queue.includes(version)) {
    return { kind: 'queue', queue: record.queue, drop: [], why: `it waits until ${other} is over` };
  }
  return {
    kind: 'refuse',
    why: `${other} is in flight, and the service refuses a second one (onNewRelease). Upload a new version when it is over`,
  };
}

/** Whoever is last in line is the newest: an older one's event, delivered again, moves nobody. */
function supersede(record: ServiceRecord, version: string, inFlight: ReleaseRecord | undefined): Admission {
  const isOld = record.queue.includes(version) && record.queue.at(-1) !== version;
  const queue = isOld ? record.queue : [version];
  const drop = isOld ? [] : record.queue.filter((waiting) => waiting !== version);
  const isBeingUndone = inFlight?.stage === 'rolling-back' || inFlight?.intent?.kind === 'abort';
  const other = record.inFlight ?? 'the release in flight';
  if (isBeingUndone) return { kind: 'queue', queue, drop, why: `${other} is being rolled back; this one is next` };
  return { kind: 'queue', queue, drop, tell: 'supersede', why: `it supersedes ${other}, which is rolled back first` };
}

const inLine = (queue: readonly string[], version: string) => (queue.includes(version) ? queue : [...queue, version]);
