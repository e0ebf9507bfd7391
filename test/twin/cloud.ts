/** What a Linux node finds around it: instance metadata, version 2, and a bucket that checks who signs. */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Cloud {
  readonly metadataPort: number;
  /** What was put, by its key; only what was signed well. */
  readonly objects: ReadonlyMap<string, Buffer>;
  readonly refused: readonly string[];
  readonly close: () => void;
}

const CREDENTIALS = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'se/cr+et', Token: 'session/token==' };
const REGION = 'eu-west-1';
const TOKEN = 'metadata-token';

export async function openCloud(bucket: string, reportPrefix: string, instance: string): Promise<Cloud> {
  const objects = new Map<string, Buffer>();
  const refused: string[] = [];
  const store = createServer((request, response) => {
    void buffer(request).then((body) => {
      const why = faultOf(request);
      if (why === undefined) objects.set(decodeURIComponent((request.url ?? '').slice(`/${bucket}/`.length)), body);
      else refused.push(`${request.url}: ${why}`);
      response.writeHead(why === undefined ? 200 : 403).end();
    });
  });
  const storePort = await listen(store);
  const texts: Readonly<Record<string, string>> = {
    '/latest/user-data': JSON.stringify({ tandem: { service: 'hello', region: REGION, bucket, reportPrefix } }),
    '/latest/meta-data/instance-id': instance,
    // The guest's name for the machine it runs on.
    '/latest/meta-data/services/domain': `http://169.254.0.2:${storePort}`,
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
  return { metadataPort: await listen(metadata), objects, refused, close };
}

const listen = (server: Server) =>
  new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Signature Version 4, as AWS documents it ("Create a signed AWS API request"). */
function faultOf({ headers, method, url = '' }: IncomingMessage): string | undefined {
  const [, scope = '', signed = '', signature] =
    /Credential=ASIAEXAMPLE\/(\S+?), ?SignedHeaders=(\S+?), ?Signature=(\w+)/.exec(headers.authorization ?? '') ?? [];
  if (headers['x-amz-security-token'] !== CREDENTIALS.Token) return 'no session token';
  // S3 refuses without the second; who leaves the third unsigned lets others change it.
  for (const name of ['host', 'x-amz-content-sha256', 'x-amz-security-token'])
    if (!signed.split(';').includes(name)) return `${name} is not signed`;
  const lines = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const payload = String(headers['x-amz-content-sha256']);
  const canonical = [method, url, '', lines.join(''), signed, payload].join('\n');
  const [day = '', region = '', service = ''] = scope.split('/');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${CREDENTIALS.SecretAccessKey}`, day), region), service), 'aws4_request');
  if (service !== 's3' || region !== REGION) return `signed for ${region} ${service}`;
  return hmac(key, toSign).toString('hex') === signature ? undefined : `the signature of ${JSON.stringify(canonical)} is another`;
}
