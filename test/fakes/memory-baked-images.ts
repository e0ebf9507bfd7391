import { imageNameTaken } from '../../core/errors.ts';
import type { BakedImage, Images } from '../../core/image/ports.ts';
import type { MemorySnapshots } from './memory-snapshots.ts';

type Registration = Parameters<Images['register']>[0];

/** AMIs over the memory snapshots: removing one removes its snapshot. */
export class MemoryBakedImages implements Images {
  private readonly images = new Map<
    string,
    BakedImage & { readonly name: string; readonly service: string; readonly blocks: string }
  >();
  private readonly snapshots: MemorySnapshots;
  /** With it, images stay pending until `settle`. */
  slow = false;

  constructor(snapshots: MemorySnapshots) {
    this.snapshots = snapshots;
  }

  async register({ service, version, build, snapshotId, blocks }: Registration): Promise<string> {
    const name = `${service.file.name}/${version}/${build}`;
    const known = [...this.images.values()].find((image) => image.name === name);
    if (known && known.blocks !== blocks) throw imageNameTaken(name, blocks, known.blocks);
    if (known) return known.imageId;
    if ((await this.snapshots.state(snapshotId)).state !== 'completed') throw new Error(`${snapshotId} is not complete`);
    const imageId = `ami-${this.images.size + 1}`;
    const state = this.slow ? 'pending' : 'available';
    this.images.set(imageId, { imageId, snapshotId, version, build, state, madeAt: 0, name, service: service.file.name, blocks });
    return imageId;
  }

  async find(imageId: string): Promise<BakedImage | undefined> {
    return this.images.get(imageId);
  }

  async list(service: string): Promise<readonly BakedImage[]> {
    return [...this.images.values()].filter((image) => image.service === service);
  }

  async remove(imageId: string): Promise<void> {
    const snapshotId = this.images.get(imageId)?.snapshotId;
    this.images.delete(imageId);
    if (snapshotId) await this.snapshots.remove(snapshotId);
  }

  settle(imageId: string, state: 'available' | 'failed'): void {
    const image = this.images.get(imageId);
    if (image) this.images.set(imageId, { ...image, state });
  }

  ids(): readonly string[] {
    return [...this.images.keys()];
  }
}
