/** Tokens of the metadata service: when they end, and a seal over that and the instance, so that none need be kept. */
import { createHmac, timingSafeEqual } from 'node:crypto';

interface Sealing {
  readonly instance: { readonly id: string };
  readonly now: number;
  readonly secret: string;
}

export function makeToken(sealing: Sealing, ttlSeconds: number): string {
  const ends = String(sealing.now + ttlSeconds * 1000);
  return Buffer.from(`${ends}.${seal(sealing, ends)}`).toString('base64url');
}

export function isToken(sealing: Sealing, token: string): boolean {
  const [ends = '', found = ''] = Buffer.from(token, 'base64url').toString('latin1').split('.');
  const [seen, wanted] = [Buffer.from(found, 'latin1'), Buffer.from(seal(sealing, ends), 'latin1')];
  return seen.length === wanted.length && timingSafeEqual(seen, wanted) && Number(ends) > sealing.now;
}

const seal = ({ instance, secret }: Sealing, ends: string) =>
  createHmac('sha256', secret).update(`${instance.id} ${ends}`).digest('hex');
