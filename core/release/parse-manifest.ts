/**
 * `release.json`: {"service","version","images":{"linux.raw":{"sha256","bytes"?,"blocks"?},"unikernel.raw":{…}},"source"?:{…}}.
 * `blocks` is the digest that `core/image/block-digests.ts` takes over an image's blocks; it binds a length only together with `bytes`.
 * Signed, it is the payload of a DSSE envelope: {"payloadType","payload" (base64),"signatures":[{"sig"}]}.
 */
import type { ServiceFile } from '../service/service-file.ts';
import type { Build } from '../service/service.ts';
import type { Manifest } from './release.ts';

export const MOST_MANIFEST_BYTES = 65_536;
const MOST_NESTING = 8;

export interface ManifestText {
  readonly service: string;
  readonly version: string;
  readonly key: string;
  readonly versionId: string;
  readonly text: string;
}

export type SignatureCheck = (publicKeyPem: string, message: Uint8Array, signature: string) => boolean;

export type ParsedManifest =
  { readonly kind: 'manifest'; readonly manifest: Manifest } | { readonly kind: 'refused'; readonly why: string };

/** A fault of the text, told to whoever uploaded it. */
class Fault extends Error {}
const fault = (why: string): never => {
  throw new Fault(why);
};

export function parseManifest(
  given: ManifestText,
  policy: Pick<ServiceFile, 'integrity' | 'signingKey'>,
  isSignedBy: SignatureCheck,
): ParsedManifest {
  try {
    const text = policy.integrity === 'signed' ? openEnvelope(given.text, policy.signingKey ?? '', isSignedBy) : given.text;
    return { kind: 'manifest', manifest: readManifest(given, readJson(text)) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: 'refused', why: error.message };
  }
}

type Fields = Readonly<Record<string, unknown>>;

function readManifest(given: ManifestText, json: unknown): Manifest {
  const root = fields(json, 'release.json', ['service', 'version', 'images', 'source']);
  if (root['service'] !== given.service) fault(`service is ${show(root['service'])}, but the key says "${given.service}"`);
  if (root['version'] !== given.version) fault(`version is ${show(root['version'])}, but the key says "${given.version}"`);
  if (root['source'] !== undefined) object(root['source'], 'source');
  const images = fields(root['images'], 'images', ['linux.raw', 'unikernel.raw']);
  const linux = readImage(images['linux.raw'], 'images["linux.raw"]');
  const unikernel = readImage(images['unikernel.raw'], 'images["unikernel.raw"]');
  const { key, versionId } = given;
  return {
    ...{ key, versionId, sha256: { linux: linux.sha256, unikernel: unikernel.sha256 } },
    blocks: declared(linux.blocks, unikernel.blocks),
    bytes: declared(linux.bytes, unikernel.bytes),
  };
}

function declared<Value>(linux: Value | undefined, unikernel: Value | undefined): Partial<Record<Build, Value>> {
  return { ...(linux !== undefined && { linux }), ...(unikernel !== undefined && { unikernel }) };
}

interface DeclaredImage {
  readonly sha256: string;
  readonly blocks?: string | undefined;
  readonly bytes?: number | undefined;
}

function readImage(value: unknown, where: string): DeclaredImage {
  const image = fields(value, where, ['sha256', 'bytes', 'blocks']);
  const sha256 = readDigest(image['sha256'], `${where}.sha256`);
  const bytes = image['bytes'] === undefined ? undefined : readBytes(image['bytes'], `${where}.bytes`);
  const blocks = image['blocks'] === undefined ? undefined : readDigest(image['blocks'], `${where}.blocks`);
  // The last block is filled up with zeros: without a size, an image and a longer one could have one digest.
  if (blocks !== undefined && bytes === undefined) return fault(`${where} has blocks, and must then have bytes too`);
  return { sha256, blocks, bytes };
}

const readDigest = (value: unknown, where: string): string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)
    ? value.toLowerCase()
    : fault(`${where} is ${show(value)}, and must be 64 hexadecimal digits`);

const readBytes = (value: unknown, where: string): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
    ? value
    : fault(`${where} is ${show(value)}, and must be a whole number above 0`);

/** DSSE (secure-systems-lab/dsse, protocol.md): what is signed is the pre-authentication encoding of type and payload. */
function openEnvelope(text: string, publicKey: string, isSignedBy: SignatureCheck): string {
  const envelope = fields(readJson(text), 'release.json (integrity "signed" takes a DSSE envelope)', [
    'payloadType',
    'payload',
    'signatures',
  ]);
  const { payloadType, payload, signatures } = envelope;
  if (typeof payloadType !== 'string') return fault(`payloadType is ${show(payloadType)}, and must be text`);
  if (typeof payload !== 'string') return fault(`payload is ${show(payload)}, and must be base64 text`);
  if (!Array.isArray(signatures) || signatures.length > 10) return fault('signatures must be a list of at most 10');

  const body = fromBase64(payload);
  const message = preAuthenticationEncoding(payloadType, body);
  const isValid = signatures.some((one: unknown) => {
    const signature = isObject(one) ? one['sig'] : undefined;
    return typeof signature === 'string' && isSignedBy(publicKey, message, signature);
  });
  if (!isValid) return fault("no signature holds against the service's signingKey. Sign it with the key that belongs to it");
  return new TextDecoder().decode(body);
}

export function preAuthenticationEncoding(payloadType: string, body: Uint8Array): Uint8Array {
  const type = new TextEncoder().encode(payloadType);
  const head = new TextEncoder().encode(`DSSEv1 ${type.length} ${payloadType} ${body.length} `);
  const message = new Uint8Array(head.length + body.length);
  message.set(head);
  message.set(body, head.length);
  return message;
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return fault('payload is not base64');
  }
}

function readJson(text: string): unknown {
  if (nesting(text) > MOST_NESTING) return fault(`it is nested more than ${MOST_NESTING} levels deep`);
  try {
    return JSON.parse(text);
  } catch (error) {
    return fault(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Counted before parsing, so that no depth reaches the parser. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    if (token === ']' || token === '}') depth--;
  }
  return deepest;
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const object = (value: unknown, where: string): Fields =>
  isObject(value) ? value : fault(`${where} is ${show(value)}, and must be an object`);

function fields(value: unknown, where: string, allowed: readonly string[]): Fields {
  const found = object(value, where);
  const unknown = Object.keys(found).find((name) => !allowed.includes(name));
  if (unknown !== undefined) fault(`${where} has an unknown field "${unknown.slice(0, 60)}"; allowed are ${allowed.join(', ')}`);
  return found;
}

const show = (value: unknown) => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80));
