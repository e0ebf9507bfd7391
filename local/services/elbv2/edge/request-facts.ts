import type { IncomingMessage } from 'node:http';
import type { RequestFacts } from '../core/match-rule.ts';
import type { Listener } from '../core/model.ts';
import type { Decision } from '../core/routing.ts';

/** Target-group stickiness is a cookie of this name ("Sticky sessions", ELB user guide). Its content is ELB's own business. */
const COOKIE = 'AWSALBTG';

/** Without its port. */
export const hostOf = ({ headers }: IncomingMessage): string => (headers.host ?? '').replace(/:\d+$/, '');

export function requestFacts(req: IncomingMessage): RequestFacts {
  const url = req.url ?? '/';
  const query = url.indexOf('?');
  return {
    host: hostOf(req),
    path: query < 0 ? url : url.slice(0, query),
    header: (name) => req.headersDistinct[name] ?? [],
  };
}

/** The group a sticky client was sent to before. Read only where a rule is sticky. */
export function stickyGroup(req: IncomingMessage, listener: Listener): string | undefined {
  if (!isSticky(listener)) return undefined;
  const found = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(req.headers.cookie ?? '');
  return found?.[1] && Buffer.from(found[1], 'base64url').toString();
}

export function stickyHeaders(decision: Extract<Decision, { kind: 'target' }>, listener: Listener): string[] {
  if (decision.stickySeconds === undefined || !isSticky(listener)) return [];
  const value = Buffer.from(decision.group.arn).toString('base64url');
  return ['Set-Cookie', `${COOKIE}=${value}; Max-Age=${decision.stickySeconds}; Path=/`];
}

const isSticky = ({ routes }: Listener): boolean =>
  [routes.defaultAction, ...routes.rules.map(({ action }) => action)].some(
    (action) => action.kind === 'forward' && action.stickySeconds !== undefined,
  );
