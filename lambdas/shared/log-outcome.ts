/** One JSON line an invocation: what was asked of which release, how it ended, how long it took. Never the payload. */
import type { MiddlewareObj } from '@middy/core';

/** What of Lambda's context is read. */
export interface Invocation {
  readonly awsRequestId?: string;
}

export interface Outcome {
  readonly function: string;
  readonly requestId: string;
  readonly ms: number;
  readonly about: Readonly<Record<string, unknown>>;
  readonly kind?: string;
  readonly why?: string;
  readonly error?: string;
  readonly message?: string;
  readonly stack?: string;
}

interface Request {
  readonly event: unknown;
  readonly context: unknown;
  readonly response?: unknown;
  readonly error?: unknown;
}

/** The fields of an input that are told: they name what the call was about. */
const ABOUT = [
  'service',
  'version',
  'fence',
  'op',
  'phase',
  'watch',
  'stage',
  'build',
  'intent',
  'source',
  'slot',
  'faultId',
] as const;

export function logOutcome(name: string, write: (line: string) => void): MiddlewareObj {
  const startedAt = new WeakMap<object, number>();
  const end = (request: Request) => {
    const ms = Math.round(performance.now() - (startedAt.get(request) ?? performance.now()));
    write(JSON.stringify(toOutcome(name, ms, request)));
  };
  return {
    before: (request) => void startedAt.set(request, performance.now()),
    after: end,
    onError: end,
  };
}

function toOutcome(name: string, ms: number, { event, context, response, error }: Request): Outcome {
  const base = { function: name, requestId: text(context, 'awsRequestId') ?? 'none', ms, about: toAbout(event) };
  if (!error) return { ...base, kind: text(response, 'kind') ?? 'done', why: text(response, 'why') ?? '' };
  if (!(error instanceof Error)) return { ...base, error: 'Unknown', message: JSON.stringify(error) };
  return { ...base, error: error.name, message: error.message, stack: error.stack ?? '' };
}

const toAbout = (event: unknown) =>
  Object.fromEntries(ABOUT.flatMap((key) => (field(event, key) === undefined ? [] : [[key, field(event, key)]])));

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

function text(value: unknown, key: string): string | undefined {
  const found = field(value, key);
  return typeof found === 'string' ? found : undefined;
}
