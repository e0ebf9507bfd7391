/** The access log an ALB writes to S3 every five minutes (ELB guide, "Access logs for your Application Load Balancer"). */
import { createGunzip } from 'node:zlib';
import { GetObjectCommand, type S3Client, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { AccessLog } from '../core/evidence/ports.ts';
import type { Service } from '../core/service/service.ts';

/** A file says when its five minutes ended; the next may be delivered some minutes later. */
const PERIOD_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
/** Of one file, packed and unpacked: a busy balancer's file is some megabytes. */
const MOST_PACKED_BYTES = 32 * 2 ** 20;
const MOST_UNPACKED_BYTES = 256 * 2 ** 20;

export class S3AccessLog implements AccessLog {
  private readonly client: S3Client;

  constructor(client: S3Client) {
    this.client = client;
  }

  async slice(service: Service, address: string, from: number, to: number): Promise<readonly string[] | undefined> {
    const place = logPlace(service);
    if (place === undefined) return undefined;
    const days = daysBetween(from, to + PERIOD_MS);
    const keys = await Promise.all(days.map((day) => this.filesOf(place, day, { from, to })));
    const lines: string[] = [];
    for (const key of keys.flat())
      for await (const line of this.linesOf(place.bucket, key)) if (isAbout(line, address, { from, to })) lines.push(line);
    return lines.sort((one, other) => (timeOf(one) ?? 0) - (timeOf(other) ?? 0));
  }

  private async filesOf(place: LogPlace, day: string, span: Span): Promise<readonly string[]> {
    const Prefix = `${place.prefix}/${day}/${place.account}_elasticloadbalancing_`;
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2({ client: this.client }, { Bucket: place.bucket, Prefix }))
      for (const { Key = '', Size = 0 } of page.Contents ?? [])
        if (Key.includes(`_${place.balancer}_`) && mayHold(Key, span) && Size <= MOST_PACKED_BYTES) keys.push(Key);
    return keys;
  }

  /** Never all of a file at once: unpacked it may be larger than the function. */
  private async *linesOf(Bucket: string, Key: string): AsyncGenerator<string> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket, Key }));
    const packed = await Body?.transformToByteArray();
    if (!packed) return;
    const decoder = new TextDecoder();
    let [rest, bytes] = ['', 0];
    for await (const chunk of unpack(packed)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      bytes += chunk.length;
      if (bytes > MOST_UNPACKED_BYTES) return;
    }
    yield rest;
  }
}

function unpack(packed: Uint8Array): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  gunzip.end(packed);
  return gunzip;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

interface LogPlace {
  readonly bucket: string;
  readonly prefix: string;
  readonly account: string;
  /** `app.<name>.<id>`, as it stands in the files' names. */
  readonly balancer: string;
}

/** Where the balancer's log lies; undefined for an NLB, which logs TLS only. `arn:…:region:account:listener/app/name/id/listener`. */
export function logPlace({ resources: { accessLog, listener } }: Service): LogPlace | undefined {
  const [, , , region = '', account = '', ...rest] = listener.split(':');
  const resource = rest.join(':');
  const [, kind, name, id] = resource.split('/');
  if (!accessLog || kind !== 'app' || !name || !id) return undefined;
  const prefix = `${accessLog.prefix}/AWSLogs/${account}/elasticloadbalancing/${region}`;
  return { bucket: accessLog.bucket, prefix, account, balancer: `app.${name}.${id}` };
}

/** `yyyy/mm/dd` of every day touched. */
export function daysBetween(from: number, to: number): readonly string[] {
  const days: string[] = [];
  for (let day = Math.floor(from / DAY_MS); day * DAY_MS <= to; day += 1)
    days.push(new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '/'));
  return days;
}

/** The end of the file's period stands in its name, `_20260131T0005Z_`. */
export function mayHold(key: string, { from, to }: Span): boolean {
  const [, year, month, day, hours, minutes] = /_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z_/.exec(key) ?? [];
  if (minutes === undefined) return true;
  const end = Date.parse(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hours ?? ''}:${minutes}:00Z`);
  return end >= from && end - PERIOD_MS <= to;
}

const timeOf = (line: string): number | undefined => {
  const at = Date.parse(line.split(' ', 2)[1] ?? '');
  return Number.isNaN(at) ? undefined : at;
};

/** Field 2 is the time, field 5 the target, `ip:port`. */
export function isAbout(line: string, address: string, { from, to }: Span): boolean {
  const at = timeOf(line);
  if (at === undefined || at < from || at >= to) return false;
  return line.split(' ', 5)[4]?.startsWith(`${address}:`) === true;
}
