import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Hashing } from '../core/image/ports.ts';

export class NodeHashing implements Hashing {
  sha256(bytes: Uint8Array): Uint8Array {
    return createHash('sha256').update(bytes).digest();
  }

  stream(): { update(bytes: Uint8Array): void; digest(): Uint8Array } {
    const hash = createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
  }

  /** Ed25519 has its digest built in, so `verify` takes no algorithm; other kinds of key are refused. */
  isSignedBy(publicKeyPem: string, message: Uint8Array, signature: string): boolean {
    try {
      const key = createPublicKey(publicKeyPem);
      return key.asymmetricKeyType === 'ed25519' && verify(null, message, key, Buffer.from(signature, 'base64'));
    } catch {
      return false;
    }
  }
}
