import { AwsError } from '../../kernel/aws-error.ts';

export interface PageRequest {
  readonly limit: number | undefined;
  readonly most: number;
  readonly token: string | undefined;
}

/** AWS: without maxResults, or with 0, a page has 100 items. */
const DEFAULT_LIMIT = 100;

export function page<T>(all: readonly T[], request: PageRequest): { items: T[]; nextToken: string | undefined } {
  const from = request.token === undefined ? 0 : offsetIn(request.token);
  const asked = request.limit === undefined || request.limit === 0 ? DEFAULT_LIMIT : request.limit;
  const until = from + Math.min(asked, request.most);
  return { items: all.slice(from, until), nextToken: until < all.length ? tokenOf(until) : undefined };
}

function tokenOf(offset: number): string {
  return Buffer.from(`from:${offset}`).toString('base64url');
}

function offsetIn(token: string): number {
  const digits = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
  if (digits === undefined) throw new AwsError('InvalidToken', `Invalid Token: '${token}'`);
  return Number(digits);
}
