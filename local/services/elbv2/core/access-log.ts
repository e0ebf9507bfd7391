/** "Access logs for your Application Load Balancer", ELB user guide: one line a request, fields in the documented order. */
import type { AccountFacts } from '../../../kernel/world.ts';
import type { LoadBalancer } from './model.ts';

export interface AccessLogEntry {
  readonly type: 'http' | 'ws';
  /** When the answer to the client began, and when the request came. */
  readonly at: number;
  readonly createdAt: number;
  readonly loadBalancer: string;
  readonly client: string;
  /** `ip:port` */
  readonly target?: string;
  /** Undefined is written -1: the request did not come that far. */
  readonly requestSeconds?: number;
  readonly targetSeconds?: number;
  readonly responseSeconds?: number;
  readonly elbStatus: number;
  readonly targetStatus?: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly userAgent: string;
  readonly groupArn?: string;
  readonly traceId: string;
  readonly priority: number;
  readonly action: 'forward' | 'fixed-response';
}

export function toLine(entry: AccessLogEntry): string {
  const { target = '-', targetStatus } = entry;
  return [
    entry.type,
    new Date(entry.at).toISOString().replace('Z', '000Z'),
    entry.loadBalancer,
    entry.client,
    target,
    seconds(entry.requestSeconds),
    seconds(entry.targetSeconds),
    seconds(entry.responseSeconds),
    entry.elbStatus,
    targetStatus ?? '-',
    entry.receivedBytes,
    entry.sentBytes,
    quoted(`${entry.method} ${entry.url} HTTP/${entry.httpVersion}`),
    quoted(entry.userAgent || '-'),
    '-',
    '-',
    entry.groupArn ?? '-',
    quoted(entry.traceId),
    '"-"',
    '"-"',
    entry.priority,
    new Date(entry.createdAt).toISOString().replace('Z', '000Z'),
    quoted(entry.action),
    '"-"',
    '"-"',
    quoted(target),
    quoted(targetStatus === undefined ? '-' : String(targetStatus)),
    '"-"',
    '"-"',
    'TID_' + entry.traceId.slice(-24).padStart(32, '0'),
  ].join(' ');
}

/** `bucket[/prefix]/AWSLogs/account/elasticloadbalancing/region/yyyy/mm/dd/account_elasticloadbalancing_region_app.name.id_end_ip_random.log.gz` */
export function toKey(account: AccountFacts, balancer: LoadBalancer, end: number, random: string): string {
  const [date = '', time = ''] = new Date(end).toISOString().split('T');
  const prefix = balancer.accessLog?.prefix ? `${balancer.accessLog.prefix}/` : '';
  const stamp = `${date.replaceAll('-', '')}T${time.slice(0, 5).replace(':', '')}Z`;
  const name = [
    account.id,
    'elasticloadbalancing',
    account.region,
    balancer.fullName.replaceAll('/', '.'),
    stamp,
    balancer.address,
    random,
  ].join('_');
  return `${prefix}AWSLogs/${account.id}/elasticloadbalancing/${account.region}/${date.replaceAll('-', '/')}/${name}.log.gz`;
}

const seconds = (value: number | undefined): string => (value === undefined ? '-1' : value.toFixed(3));

/** ELB writes what is not printable ASCII, quotes and backslashes as \\xHH. */
const quoted = (text: string): string =>
  `"${text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
