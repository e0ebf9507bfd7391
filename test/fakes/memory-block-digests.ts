import type { BlockDigests } from '../../core/image/ports.ts';

export class MemoryBlockDigests implements BlockDigests {
  private readonly pieces = new Map<string, Uint8Array>();

  async save(piece: string, digests: Uint8Array): Promise<void> {
    this.pieces.set(piece, digests.slice());
  }

  async load(piece: string): Promise<Uint8Array> {
    const digests = this.pieces.get(piece);
    if (!digests) throw new Error(`nothing was saved for ${piece}`);
    return digests.slice();
  }
}
