/** What a Linux node finds around it: instance metadata, version 2, and a bucket and a CloudWatch that check who signs. */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Cloud {
  readonly metadataPort: number;
  /** What was put, by its key; only what was signed well. */
  readonly objects: ReadonlyMap<string, Buffer>;
  readonly metrics: Published;
  readonly refused: readonly string[];
  readonly close: () => void;
}

const CREDENTIALS = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'se/cr+et', Token: 'session/token==' };
const REGION = 'eu-west-1';
const TOKEN = 'metadata-token';

interface Place {
  readonly bucket: string;
  readonly reportPrefix: string;
  readonly instance: string;
  /** As the launch template tells it of a service that has them. */
  readonly nodeMetrics?: object;
}

export async function openCloud({ bucket, reportPrefix, instance, nodeMetrics }: Place): Promise<Cloud> {
  const objects = new Map<string, Buffer>();
  const metrics = new Published();
  const refused: string[] = [];
  const take = (request: IncomingMessage, body: Buffer): number => {
    const isMetrics = request.method === 'POST';
    const why = isMetrics
      ? faultOf(request, 'monitoring', ['content-type'], sha256(body))
      : faultOf(request, 's3', ['x-amz-content-sha256'], String(request.headers['x-amz-content-sha256']));
    if (why !== undefined) {
      refused.push(`${request.url}: ${why}`);
      return 403;
    }
    if (isMetrics) return metrics.take(new URLSearchParams(body.toString()));
    objects.set(decodeURIComponent((request.url ?? '').slice(`/${bucket}/`.length)), body);
    return 200;
  };
  const store = createServer((request, response) => {
    void buffer(request).then((body) => response.writeHead(take(request, body)).end());
  });
  const storePort = await listen(store);
  const texts: Readonly<Record<string, string>> = {
    '/latest/user-data': JSON.stringify({ tandem: { service: 'hello', region: REGION, bucket, reportPrefix, nodeMetrics } }),
    '/latest/meta-data/instance-id': instance,
    // The guest's name for the machine it runs on, as a local account tells it.
    '/latest/meta-data/services/endpoint': `http://169.254.0.2:${storePort}`,
    '/latest/meta-data/services/domain': 'amazonaws.com',
    '/latest/meta-data/iam/security-credentials/': 'node-role',
    '/latest/meta-data/iam/security-credentials/node-role': JSON.stringify({ Code: 'Success', ...CREDENTIALS }, null, 2),
  };
  const metadata = createServer((request, response) => {
    const isToken = request.method === 'PUT' && request.url === '/latest/api/token';
    const text = isToken ? TOKEN : texts[request.url ?? ''];
    const mayRead = isToken || request.headers['x-aws-ec2-metadata-token'] === TOKEN;
    response.writeHead(mayRead ? (text === undefined ? 404 : 200) : 401, { connection: 'close' }).end(mayRead ? text : '');
  });
  const close = () => [store, metadata].forEach((server) => server.close().closeAllConnections());
  return { metadataPort: await listen(metadata), objects, metrics, refused, close };
}

export interface Datum {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly at: string;
  readonly dimension: string;
}

/** What was published, call by call, as the query protocol has it (AWS: PutMetricData, version 2010-08-01). */
export class Published {
  readonly calls: { readonly status: number; readonly namespace: string; readonly data: readonly Datum[] }[] = [];
  /** With what the next calls are answered; 200 after them. */
  readonly statuses: number[] = [];
  readonly #waiting: (() => void)[] = [];

  take(form: URLSearchParams): number {
    const status = this.statuses.shift() ?? 200;
    const isPut = form.get('Action') === 'PutMetricData' && form.get('Version') === '2010-08-01';
    this.calls.push({ status: isPut ? status : 400, namespace: form.get('Namespace') ?? '', data: dataOf(form) });
    for (const look of this.#waiting.splice(0)) look();
    return isPut ? status : 400;
  }

  /** Until so many calls have come. */
  async untilCalls(count: number): Promise<void> {
    while (this.calls.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

function dataOf(form: URLSearchParams): readonly Datum[] {
  const of = (number: number, field: string) => form.get(`MetricData.member.${number}.${field}`) ?? '';
  const count = [...form.keys()].filter((key) => key.endsWith('.MetricName')).length;
  return Array.from({ length: count }, (_, index) => index + 1).map((number) => ({
    name: of(number, 'MetricName'),
    value: Number(of(number, 'Value')),
    unit: of(number, 'Unit'),
    at: of(number, 'Timestamp'),
    dimension: `${of(number, 'Dimensions.member.1.Name')}=${of(number, 'Dimensions.member.1.Value')}`,
  }));
}

const listen = (server: Server) =>
  new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Signature Version 4, as AWS documents it ("Create a signed AWS API request"). */
function faultOf(
  { headers, method, url = '' }: IncomingMessage,
  wanted: string,
  moreSigned: readonly string[],
  payload: string,
): string | undefined {
  const [, scope = '', signed = '', signature] =
    /Credential=ASIAEXAMPLE\/(\S+?), ?SignedHeaders=(\S+?), ?Signature=(\w+)/.exec(headers.authorization ?? '') ?? [];
  if (headers['x-amz-security-token'] !== CREDENTIALS.Token) return 'no session token';
  // Who leaves one unsigned lets others change it; S3 refuses that of the body's digest.
  for (const name of ['host', 'x-amz-date', 'x-amz-security-token', ...moreSigned])
    if (!signed.split(';').includes(name)) return `${name} is not signed`;
  const lines = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, '', lines.join(''), signed, payload].join('\n');
  const [day = '', region = '', service = ''] = scope.split('/');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${CREDENTIALS.SecretAccessKey}`, day), region), service), 'aws4_request');
  if (service !== wanted || region !== REGION) return `signed for ${region} ${service}`;
  return hmac(key, toSign).toString('hex') === signature ? undefined : `the signature of ${JSON.stringify(canonical)} is another`;
}
