import type { Build, Service } from '../service/service.ts';

/** EBS direct's fixed block size, bytes. */
export const BLOCK_BYTES = 524_288;

export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  /** Where it is known, reads insist on it. */
  readonly etag?: string;
}

/** Bytes [from, to). */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface CheckedPart {
  readonly bytes: number;
  readonly sha256: Uint8Array;
}

/** The images bucket. */
export interface ImageSource {
  /** Current size and etag of a pinned version; throws ImageChanged when it is gone. */
  head(object: ObjectVersion): Promise<{ readonly bytes: number; readonly etag: string }>;
  /** The bytes of these ranges of the pinned version, one range after the other, streamed. Throws ImageChanged when it is gone. */
  read(object: ObjectVersion, ranges: readonly ByteRange[]): AsyncIterable<Uint8Array>;
  /**
   * The parts it was uploaded in, from the first byte to the last, where the store itself checked the SHA-256 of each as
   * it came; else none.
   */
  parts(object: ObjectVersion): Promise<readonly CheckedPart[]>;
  /** A small object as text; refuses more than `maxBytes` with ImageRefused. */
  readText(object: ObjectVersion, maxBytes: number): Promise<string>;
}

/** What one piece of a bake leaves for the next steps (see `block-digests.ts`). Saving again replaces it. */
export interface BlockDigests {
  save(piece: string, digests: Uint8Array): Promise<void>;
  load(piece: string): Promise<Uint8Array>;
}

export type SnapshotState = 'pending' | 'completed' | 'failed' | 'none';

/** Snapshots written block by block (EBS direct APIs). */
export interface Snapshots {
  /** `token` makes repeats return the same snapshot. */
  start(args: { readonly token: string; readonly gib: number; readonly tags: Readonly<Record<string, string>> }): Promise<string>;
  /** A whole block (padded to BLOCK_BYTES). Putting one again is success. */
  putBlock(snapshotId: string, index: number, block: Uint8Array, sha256: Uint8Array): Promise<void>;
  /** `checksum`: SHA-256 over all put blocks' raw digests, ascending by index. Completing again is success. */
  complete(snapshotId: string, blocks: number, checksum: Uint8Array): Promise<void>;
  state(snapshotId: string): Promise<{ readonly state: SnapshotState; readonly why: string }>;
  remove(snapshotId: string): Promise<void>;
  /** Ours, by tag. */
  list(service: string): Promise<readonly ListedSnapshot[]>;
}

export interface ListedSnapshot {
  readonly snapshotId: string;
  readonly version: string;
  readonly startedAt: number;
  /** It is evidence of this fault, and of no bake. */
  readonly faultId?: string;
}

export interface BakedImage {
  readonly imageId: string;
  readonly snapshotId?: string;
  readonly version: string;
  readonly build: Build;
  readonly state: 'pending' | 'available' | 'failed';
  readonly madeAt: number;
}

/** AMIs of this control plane. */
export interface Images {
  /** A second image of that name is success only if its digest tag equals `blocks`; else throws ImageNameTaken. */
  register(args: {
    readonly service: Service;
    readonly version: string;
    readonly build: Build;
    readonly snapshotId: string;
    /** Digest over the image's blocks. */
    readonly blocks: string;
  }): Promise<string>;
  find(imageId: string): Promise<BakedImage | undefined>;
  list(service: string): Promise<readonly BakedImage[]>;
  /** Deregisters it and deletes its snapshot. Already gone is success. */
  remove(imageId: string): Promise<void>;
}

/** SHA-256 as values: the core has no crypto of its own. */
export interface Hashing {
  sha256(bytes: Uint8Array): Uint8Array;
  /** A running digest of many pieces. */
  stream(): { update(bytes: Uint8Array): void; digest(): Uint8Array };
  /** Ed25519 over `message`, key in PEM, signature in base64. False for anything malformed. */
  isSignedBy(publicKeyPem: string, message: Uint8Array, signature: string): boolean;
}
