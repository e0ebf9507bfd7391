import { AwsError } from './aws-error.ts';

export interface PageRequest {
  readonly size: number;
  readonly token: string | undefined;
  /** What the service calls a token it did not make. */
  readonly badToken: string;
}

/** One page of a list, and the token of the next; a token is only a place in the list, which AWS does not promise more of either. */
export function takePage<T>(
  all: readonly T[],
  { size, token, badToken }: PageRequest,
): { readonly items: T[]; readonly next?: string } {
  const from = token === undefined ? 0 : placeOf(token, badToken);
  const until = from + size;
  const items = all.slice(from, until);
  return until < all.length ? { items, next: Buffer.from(`from:${until}`).toString('base64url') } : { items };
}

function placeOf(token: string, badToken: string): number {
  const digits = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('latin1'))?.[1];
  if (digits === undefined) throw new AwsError(badToken, `The token '${token}' is not one of ours.`);
  return Number(digits);
}
