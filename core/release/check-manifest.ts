/** What a manifest says of an image, held against what is known of the image. */
import type { Build } from '../service/service.ts';
import type { Manifest, ReleaseImage } from './release.ts';

export interface Difference {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
}

type Known = Pick<ReleaseImage, 'sha256' | 'blocks'>;

/** The digest over the blocks comes with every bake; that of the whole costs hashing every byte once more. */
export const needsWhole = (manifest: Manifest | undefined, build: Build) =>
  manifest !== undefined && manifest.blocks?.[build] === undefined;

export function findDifference(image: Known | undefined, manifest: Manifest, build: Build): Difference | undefined {
  const digests = [
    { what: 'SHA-256', wanted: manifest.sha256[build], found: image?.sha256 },
    { what: 'a digest of its blocks of', wanted: manifest.blocks?.[build], found: image?.blocks },
  ];
  return digests.flatMap(({ what, wanted, found }) =>
    wanted !== undefined && found !== undefined && wanted !== found ? { what, wanted, found } : [],
  )[0];
}

/** The image was baked without anybody asking for the digest of the whole, and its bytes are not read again. */
export const isUncheckable = (image: Known | undefined, manifest: Manifest, build: Build) =>
  image?.blocks !== undefined && image.sha256 === undefined && needsWhole(manifest, build);
