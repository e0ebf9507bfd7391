import { Crc32cNode, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../../kernel/aws-error.ts';

export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
/** `full`: over the object's bytes. `composite`: over its parts' checksums (`…-<parts>`). */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface ChecksumFields {
  ChecksumCRC32?: string | undefined;
  ChecksumCRC32C?: string | undefined;
  ChecksumCRC64NVME?: string | undefined;
  ChecksumSHA1?: string | undefined;
  ChecksumSHA256?: string | undefined;
}

/** What is stored of an object's or a part's checksum. */
export interface Checksum {
  readonly algorithm: Algorithm;
  readonly type: ChecksumType;
  /** Base64; a composite one ends in `-<parts>`. */
  readonly value: string;
}

interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array | Promise<Uint8Array>;
}

function hashOf(name: 'md5' | 'sha1' | 'sha256'): Hasher {
  const hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

function crc32Hasher(): Hasher {
  let value = 0;
  return {
    update: (bytes) => void (value = crc32(bytes, value)),
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

const HASHERS: Readonly<Record<Algorithm, () => Hasher>> = {
  CRC32: crc32Hasher,
  CRC32C: () => new Crc32cNode(),
  CRC64NVME: () => new Crc64Nvme(),
  SHA1: () => hashOf('sha1'),
  SHA256: () => hashOf('sha256'),
};

export const isAlgorithm = (name: string): name is Algorithm => ALGORITHMS.some((known) => known === name);

export const sentChecksum = (fields: ChecksumFields, algorithm: Algorithm) => fields[`Checksum${algorithm}`];

export const toFields = (checksum: Checksum | undefined): ChecksumFields & { ChecksumType?: ChecksumType } =>
  checksum === undefined ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type };

/** Base64 of the checksum of the bytes. */
export async function checksumOf(
  algorithm: Algorithm,
  bytes: AsyncIterable<Uint8Array> | readonly Uint8Array[],
): Promise<string> {
  const hasher = HASHERS[algorithm]();
  for await (const chunk of bytes) hasher.update(chunk);
  return Buffer.from(await hasher.digest()).toString('base64');
}

/** The one algorithm of an upload: named by `x-amz-sdk-checksum-algorithm`, or by the checksum that was sent. */
export function uploadAlgorithm(
  input: ChecksumFields & { readonly ChecksumAlgorithm?: string | undefined },
): Algorithm | undefined {
  const named = input.ChecksumAlgorithm;
  if (named !== undefined && !isAlgorithm(named))
    throw new AwsError('InvalidRequest', `Checksum algorithm ${named} is not known here; use one of ${ALGORITHMS.join(', ')}.`);
  const sent = ALGORITHMS.filter((algorithm) => sentChecksum(input, algorithm) !== undefined);
  if (sent.length > 1)
    throw new AwsError('InvalidRequest', 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  return named ?? sent[0];
}

/** Reads a body through, measuring it on the way: MD5 for the ETag, and the upload's own checksum. */
export class Meter {
  readonly #md5 = createHash('md5');
  readonly #hasher: Hasher | undefined;
  readonly #algorithm: Algorithm | undefined;
  bytes = 0;

  constructor(algorithm: Algorithm | undefined) {
    this.#algorithm = algorithm;
    this.#hasher = algorithm === undefined ? undefined : HASHERS[algorithm]();
  }

  async *through(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of source) {
      this.bytes += chunk.length;
      this.#md5.update(chunk);
      this.#hasher?.update(chunk);
      yield chunk;
    }
  }

  /** After the end. */
  async result(): Promise<{ readonly md5: Buffer; readonly checksum: Checksum | undefined }> {
    const md5 = this.#md5.digest();
    if (this.#algorithm === undefined || this.#hasher === undefined) return { md5, checksum: undefined };
    const value = Buffer.from(await this.#hasher.digest()).toString('base64');
    return { md5, checksum: { algorithm: this.#algorithm, type: 'FULL_OBJECT', value } };
  }
}

export interface SentDigests extends ChecksumFields {
  readonly ContentMD5?: string | undefined;
}

/** What the client sent must be what arrived. A trailing checksum is in `sent` only once the body has ended. */
export function verifyDigests(sent: SentDigests, md5: Buffer, checksum: Checksum | undefined): void {
  if (sent.ContentMD5 !== undefined) verifyMd5(sent.ContentMD5, md5);
  for (const algorithm of ALGORITHMS) {
    const value = sentChecksum(sent, algorithm);
    if (value === undefined) continue;
    if (checksum?.algorithm !== algorithm)
      throw new AwsError(
        'InvalidRequest',
        `A ${algorithm} checksum came after the body without x-amz-sdk-checksum-algorithm: ${algorithm}.`,
      );
    if (checksum.value !== value)
      throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

function verifyMd5(sent: string, md5: Buffer): void {
  if (Buffer.from(sent, 'base64').length !== 16)
    throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  if (sent !== md5.toString('base64'))
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
}
