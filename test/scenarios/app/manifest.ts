/** `release.json`, plain and signed by the key whose public half test/fixtures/services/signed.json has. */
import { createHash, createPrivateKey, sign } from 'node:crypto';

/** PKCS #8 of an Ed25519 key is this and 32 bytes of seed (RFC 8410, section 7). */
const PKCS8_OF_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data);

/** Of no secret: whoever reads this file has it. */
export const testKey = (seed: string) =>
  createPrivateKey({ key: Buffer.concat([PKCS8_OF_ED25519, sha256(seed).digest()]), format: 'der', type: 'pkcs8' });
export const SIGNER = testKey('the key of the signed fixture');

export interface ManifestOf {
  readonly service: string;
  readonly version: string;
  readonly linux: Uint8Array;
  readonly unikernel: Uint8Array;
}

export function manifest({ service, version, linux, unikernel }: ManifestOf, over: object = {}): string {
  const image = (body: Uint8Array) => ({ sha256: sha256(body).digest('hex'), bytes: body.length });
  return JSON.stringify({ service, version, images: { 'linux.raw': image(linux), 'unikernel.raw': image(unikernel) }, ...over });
}

/** A DSSE envelope (secure-systems-lab/dsse, protocol.md). */
export function signed(payload: string, key = SIGNER): string {
  const payloadType = 'application/vnd.tandem.release+json';
  const body = Buffer.from(payload);
  const message = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]);
  const sig = sign(null, message, key).toString('base64');
  return JSON.stringify({ payloadType, payload: body.toString('base64'), signatures: [{ sig }] });
}
