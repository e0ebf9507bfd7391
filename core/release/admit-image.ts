import { isNamed } from '../errors.ts';
import type { Hashing, ImageSource } from '../image/ports.ts';
import { BUILDS, type Service } from '../service/service.ts';
import type { AdmitAnswer, AdmitPorts } from './admit.ts';
import { admit } from './admit.ts';
import { finishStop, newRecord, refuseUpload, stopRelease } from './refuse-upload.ts';
import { changeRelease } from './change-record.ts';
import { findDifference, isUncheckable } from './check-manifest.ts';
import type { ParsedKey } from './parse-image-key.ts';
import { parseImageKey } from './parse-image-key.ts';
import type { ParsedManifest } from './parse-manifest.ts';
import { MOST_MANIFEST_BYTES, parseManifest } from './parse-manifest.ts';
import type { Refusals } from './ports.ts';
import type { Manifest, ReleaseImage, ReleaseRecord } from './release.ts';
import { isFinal, releaseName } from './release.ts';
import { tell } from './tell.ts';

export interface AdmitImagePorts extends AdmitPorts {
  readonly refusals: Refusals;
  readonly images: Pick<ImageSource, 'readText'>;
  readonly hashing: Pick<Hashing, 'isSignedBy'>;
}

/** S3's "Object Created" event. */
export interface AdmitImageInput {
  readonly id: string;
  readonly time: number;
  readonly detail: {
    readonly bucket: { readonly name: string };
    readonly object: {
      readonly key: string;
      readonly size: number;
      readonly etag: string;
      readonly 'version-id': string;
      readonly sequencer?: string | undefined;
    };
  };
}

export interface Upload {
  readonly key: string;
  readonly versionId: string;
  readonly bytes: number;
  readonly etag: string;
  readonly at: number;
  readonly id: string;
}

/** An event may come twenty times and in any order: what an upload means is decided by its S3 version, once. */
export async function admitImage(ports: AdmitImagePorts, input: AdmitImageInput): Promise<AdmitAnswer> {
  const upload = toUpload(input);
  const parsed = parseImageKey(upload.key);
  if (parsed.kind === 'refused') return refuseKey(ports, upload, parsed);
  const service = await ports.catalog.find(parsed.service);
  if (!service) {
    const why = `there is no service "${parsed.service}". Add services/${parsed.service}.json and run cdk deploy, or correct the key`;
    return refuseKey(ports, upload, { why });
  }
  const found = await ports.records.findRelease(parsed.service, parsed.version);
  const release = await tell(ports, found ?? (await newRecord(ports.records, parsed, upload.at)));
  const outcome = await receive(ports, { service, release, parsed, upload });
  return outcome ?? admit(ports, release, upload.at);
}

interface Arrival {
  readonly service: Service;
  readonly release: ReleaseRecord;
  readonly parsed: Exclude<ParsedKey, { kind: 'refused' }>;
  readonly upload: Upload;
}

/** Pins what arrived to its release; an answer where that is the end of it. */
async function receive(ports: AdmitImagePorts, arrival: Arrival): Promise<AdmitAnswer | undefined> {
  const { release, upload, parsed } = arrival;
  const pinned = parsed.kind === 'image' ? release.images[parsed.build] : release.manifest;
  if (isRefusedBefore(release, upload)) return finishStop(ports, release);
  if (pinned?.versionId === upload.versionId) return receiveAgain(ports, arrival);
  if (pinned) return refuseUpload(ports, release, upload, 'it was uploaded before, and releases are immutable');
  if (isFinal(release)) return refuseUpload(ports, release, upload, `${release.version} is ${release.stage} already`);
  return parsed.kind === 'image' ? receiveImage(ports, arrival, parsed.build) : receiveManifest(ports, arrival);
}

/** The first call may have pinned it and ended there. */
async function receiveAgain(ports: AdmitImagePorts, { release, upload, parsed }: Arrival): Promise<AdmitAnswer | undefined> {
  if (isFinal(release)) return repeated(release);
  const differs = parsed.kind === 'manifest' && release.manifest ? differing(release, release.manifest) : undefined;
  return differs === undefined ? undefined : stopRelease(ports, release, upload, differs);
}

const repeated = (release: ReleaseRecord): AdmitAnswer => ({
  kind: 'ignored',
  why: `${releaseName(release.service, release.version)} is ${release.stage} already`,
});

const isRefusedBefore = (release: ReleaseRecord, upload: Upload) =>
  release.transitions.some(({ about }) => about === aboutUpload(upload));

export const aboutUpload = (upload: Pick<Upload, 'key' | 'versionId'>) => `${upload.key}#${upload.versionId}`;

async function receiveImage(
  ports: AdmitImagePorts,
  { service, release, upload }: Arrival,
  build: 'linux' | 'unikernel',
): Promise<AdmitAnswer | undefined> {
  const most = service.file.maxImageGiB;
  if (upload.bytes === 0) return stopRelease(ports, release, upload, 'it is empty');
  if (upload.bytes > most * 1024 ** 3) return stopRelease(ports, release, upload, `it is larger than ${most} GiB (maxImageGiB)`);
  const { key, versionId, bytes, etag } = upload;
  const image: ReleaseImage = { key, versionId, bytes, etag };
  const pinned = await changeRelease(ports.records, release, (now) =>
    now.images[build] || isFinal(now) ? undefined : { ...now, images: { ...now.images, [build]: image }, changedAt: upload.at },
  );
  if (pinned.images[build]?.versionId === versionId) return undefined;
  return refuseUpload(ports, pinned, upload, 'another upload of it, or the end of the release, came first');
}

async function receiveManifest(ports: AdmitImagePorts, { service, release, upload }: Arrival): Promise<AdmitAnswer | undefined> {
  const read = await readManifest(ports, service, release, upload);
  if (read.kind === 'refused') return stopRelease(ports, release, upload, read.why);
  const pinned = await changeRelease(ports.records, release, (now) =>
    now.manifest || isFinal(now) || uncheckable(now, read.manifest)
      ? undefined
      : { ...now, manifest: read.manifest, changedAt: upload.at },
  );
  if (pinned.manifest?.versionId !== upload.versionId) {
    const why = uncheckable(pinned, read.manifest) ?? 'another upload of it, or the end of the release, came first';
    return refuseUpload(ports, pinned, upload, why);
  }
  const differs = differing(pinned, read.manifest);
  return differs === undefined ? undefined : stopRelease(ports, pinned, upload, differs);
}

async function readManifest(
  ports: AdmitImagePorts,
  service: Service,
  release: ReleaseRecord,
  upload: Upload,
): Promise<ParsedManifest> {
  const tooLarge = `it has ${upload.bytes} bytes, and ${MOST_MANIFEST_BYTES} is the most`;
  if (upload.bytes > MOST_MANIFEST_BYTES) return { kind: 'refused', why: tooLarge };
  const { key, versionId } = upload;
  try {
    const text = await ports.images.readText({ key, versionId }, MOST_MANIFEST_BYTES);
    const given = { service: release.service, version: release.version, key, versionId, text };
    return parseManifest(given, service.file, (pem, message, signature) => ports.hashing.isSignedBy(pem, message, signature));
  } catch (error) {
    if (!isNamed(error, 'ImageRefused') && !isNamed(error, 'ImageChanged')) throw error;
    return { kind: 'refused', why: error.message };
  }
}

/** A manifest that comes after the bake finds the digests known. */
function differing({ images }: ReleaseRecord, manifest: Manifest): string | undefined {
  for (const build of BUILDS) {
    const image = images[build];
    const bytes = manifest.bytes?.[build];
    const difference = findDifference(image, manifest, build);
    if (difference) return `${build}.raw has ${difference.what} ${difference.found}, and it says ${difference.wanted}`;
    if (image && bytes !== undefined && image.bytes !== bytes)
      return `${build}.raw has ${image.bytes} bytes, and it says ${bytes}`;
  }
  return undefined;
}

/** Pinned, it would pass for a manifest that was kept. */
function uncheckable({ images }: ReleaseRecord, manifest: Manifest): string | undefined {
  const build = BUILDS.find((one) => isUncheckable(images[one], manifest, one));
  return build && `${build}.raw is baked already and its SHA-256 was not taken: give "blocks" too, or upload release.json first`;
}

async function refuseKey(
  ports: AdmitImagePorts,
  upload: Upload,
  refusal: { service?: string; why: string },
): Promise<AdmitAnswer> {
  const known = refusal.service !== undefined && (await ports.catalog.find(refusal.service)) !== undefined;
  const { key, at, id } = upload;
  await ports.refusals.refuse({
    key,
    at,
    id,
    why: refusal.why,
    ...(known && refusal.service ? { service: refusal.service } : {}),
  });
  return { kind: 'refused', why: refusal.why };
}

/** The sequencer is S3's own name of the write: the same in every copy of the event, unlike the event's id. */
function toUpload({ id, time, detail: { object } }: AdmitImageInput): Upload {
  return {
    key: object.key,
    versionId: object['version-id'],
    bytes: object.size,
    etag: object.etag,
    at: time,
    id: object.sequencer ?? id,
  };
}
