import { imageChanged } from '../../core/errors.ts';
import type { BakedImage, Images, ImageSource, ObjectVersion, Snapshots } from '../../core/image/ports.ts';

type Listed = Awaited<ReturnType<Snapshots['list']>>[number] & { readonly service: string };

/** AMIs as the sweep sees them. (Baking has stricter ones: memory-baked-images.ts and memory-snapshots.ts.) */
export class MemoryImages implements Pick<Images, 'find' | 'list' | 'remove'> {
  readonly images = new Map<string, BakedImage>();

  async find(imageId: string): Promise<BakedImage | undefined> {
    return this.images.get(imageId);
  }

  async list(): Promise<readonly BakedImage[]> {
    return [...this.images.values()];
  }

  async remove(imageId: string): Promise<void> {
    this.images.delete(imageId);
  }
}

export class MemorySnapshots implements Pick<Snapshots, 'list' | 'remove'> {
  readonly snapshots = new Map<string, Listed>();

  async list(service: string): Promise<readonly Listed[]> {
    return [...this.snapshots.values()].filter((snapshot) => snapshot.service === service);
  }

  async remove(snapshotId: string): Promise<void> {
    this.snapshots.delete(snapshotId);
  }
}

/** The small objects of the images bucket, by `<key>#<version id>`. */
export class MemorySource implements Pick<ImageSource, 'readText'> {
  readonly texts = new Map<string, string>();

  async readText({ key, versionId }: ObjectVersion): Promise<string> {
    const text = this.texts.get(`${key}#${versionId}`);
    if (text === undefined) throw imageChanged(key);
    return text;
  }
}
