/** What is read of a load balancer's access log: only the node's, however busy it was. */
import { gzipSync } from 'node:zlib';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { S3AccessLog } from '../../adapters/s3-access-log.ts';
import { T0, service } from '../fakes/fixtures.ts';
import { answering } from './answering.ts';

const LISTENER = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2';
const shop = () => {
  const { file, resources } = service();
  return { file, resources: { ...resources, listener: LISTENER, accessLog: { bucket: 'logs', prefix: 'web' } } };
};
const line = (at: number, target: string) =>
  `http ${new Date(at).toISOString()} app/web/50dc6c495c0c9188 1.2.3.4:5 ${target} 0 0`;

/** The balancer's nodes each write a file of the same five minutes. */
function log(files: readonly Uint8Array[]): S3AccessLog {
  const end = new Date(T0 + 60_000).toISOString().replace(/[-:]/g, '').slice(0, 13);
  const key = (n: number) =>
    `web/AWSLogs/111122223333_elasticloadbalancing_eu-west-1_app.web.50dc6c495c0c9188_${end}Z_10.0.0.${n}_x.log.gz`;
  const { client } = answering(new S3Client({ region: 'eu-west-1' }), {
    ListObjectsV2: () => ({ Contents: files.map((file, n) => ({ Key: key(n), Size: file.length })) }),
    GetObject: ({ Key }) => {
      const at = files.findIndex((_, n) => key(n) === Key);
      return { Body: { transformToByteArray: async () => files[at] } };
    },
  });
  return new S3AccessLog(client);
}

describe('the access log', () => {
  it('of a node that had very many requests is read', async () => {
    const busy = Array.from({ length: 250_000 }, (_, n) => line(T0 + (n % 50_000), '10.0.0.9:8080')).join('\n');
    const lines = await log([gzipSync(busy)]).slice(shop(), '10.0.0.9', T0, T0 + 60_000);
    expect(lines).toHaveLength(250_000);
  });

  it('has the node’s own requests of all its files, oldest first, and those of no address that only begins alike', async () => {
    const one = [line(T0 + 2, '10.0.0.9:8080'), line(T0 + 3, '10.0.0.91:8080'), line(T0 - 1, '10.0.0.9:8080')].join('\n');
    const other = `${line(T0 + 1, '10.0.0.9:8080')}\n\u00e9 no line\n`;
    const lines = await log([gzipSync(one), gzipSync(other)]).slice(shop(), '10.0.0.9', T0, T0 + 60_000);
    expect(lines).toEqual([line(T0 + 1, '10.0.0.9:8080'), line(T0 + 2, '10.0.0.9:8080')]);
  });

  it('is empty where nothing was delivered', async () => {
    expect(await log([]).slice(shop(), '10.0.0.9', T0, T0 + 60_000)).toEqual([]);
  });

  it('of which a file is broken is not silently half a log', async () => {
    const whole = gzipSync(Array.from({ length: 5_000 }, (_, n) => line(T0 + n, `10.0.0.${n % 7}:8080`)).join('\n'));
    await expect(log([whole.subarray(0, whole.length / 2)]).slice(shop(), '10.0.0.3', T0, T0 + 60_000)).rejects.toThrow();
  });
});
