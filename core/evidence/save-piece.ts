import type { Hashing } from '../image/ports.ts';
import type { Clock } from '../release/ports.ts';
import type { Service } from '../service/service.ts';
import type { Piece, PieceName } from './evidence.ts';
import { pieceKey } from './evidence.ts';
import type { EvidenceStore } from './ports.ts';

interface SavePorts {
  readonly evidence: Pick<EvidenceStore, 'put'>;
  readonly hashing: Pick<Hashing, 'sha256'>;
  readonly clock: Clock;
}

/** To the same key however often: a piece that was taken twice is the newer one. */
export async function savePiece(
  { evidence, hashing, clock }: SavePorts,
  of: { readonly service: Service; readonly faultId: string },
  name: PieceName,
  bytes: Uint8Array,
): Promise<Piece> {
  const key = pieceKey(of.service.file.name, of.faultId, name);
  await evidence.put(key, bytes);
  return { name, key, bytes: bytes.length, sha256: toHex(hashing.sha256(bytes)), capturedAt: clock.now() };
}

const toHex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
