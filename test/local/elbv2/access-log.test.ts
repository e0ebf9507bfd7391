import { describe, expect, it } from 'vitest';
import { toKey, toLine } from '../../../local/services/elbv2/core/access-log.ts';
import type { AccessLogEntry } from '../../../local/services/elbv2/core/access-log.ts';
import type { LoadBalancer } from '../../../local/services/elbv2/core/model.ts';
import { toClient, toTarget, traceIdFor } from '../../../local/services/elbv2/edge/headers.ts';

const entry: AccessLogEntry = {
  type: 'http',
  at: Date.UTC(2030, 0, 1, 0, 0, 1, 500),
  createdAt: Date.UTC(2030, 0, 1),
  loadBalancer: 'app/web/0123456789abcdef',
  client: '127.0.0.1:40000',
  target: '127.1.0.1:8080',
  requestSeconds: 0.0004,
  targetSeconds: 1.25,
  responseSeconds: 0,
  elbStatus: 200,
  targetStatus: 200,
  receivedBytes: 34,
  sentBytes: 366,
  method: 'GET',
  url: 'http://web:80/a?b=1',
  httpVersion: '1.1',
  userAgent: 'curl/8 "x"',
  groupArn: 'arn:tg',
  traceId: 'Root=1-5825efd2-73ede262bb1234567890abcd',
  priority: 100,
  action: 'forward',
};

describe('an access log line', () => {
  it('has the documented fields in the documented order', () => {
    expect(toLine(entry)).toBe(
      'http 2030-01-01T00:00:01.500000Z app/web/0123456789abcdef 127.0.0.1:40000 127.1.0.1:8080 0.000 1.250 0.000 200 200 34 366 ' +
        '"GET http://web:80/a?b=1 HTTP/1.1" "curl/8 \\x22x\\x22" - - arn:tg "Root=1-5825efd2-73ede262bb1234567890abcd" "-" "-" 100 ' +
        '2030-01-01T00:00:00.000000Z "forward" "-" "-" "127.1.0.1:8080" "200" "-" "-" TID_0000000073ede262bb1234567890abcd',
    );
  });

  it('writes what did not happen as - and -1', () => {
    const line = toLine({
      ...entry,
      target: undefined,
      requestSeconds: undefined,
      targetSeconds: undefined,
      responseSeconds: undefined,
      elbStatus: 503,
      targetStatus: undefined,
    });
    expect(line).toContain(' 127.0.0.1:40000 - -1 -1 -1 503 - 34 366 ');
    expect(line).toContain('"-" "-" "-" "-" "-" "-" TID_');
  });

  it('is put under the documented key', () => {
    const balancer = {
      fullName: 'app/web/0123456789abcdef',
      address: '127.0.1.1',
      accessLog: { bucket: 'logs', prefix: 'elb/web' },
    } as LoadBalancer;
    const account = { id: '111122223333', region: 'eu-central-1', partition: 'aws', zones: [], endpoint: '' };
    expect(toKey(account, balancer, Date.UTC(2030, 0, 2, 3, 5), 'cafe0123')).toBe(
      'elb/web/AWSLogs/111122223333/elasticloadbalancing/eu-central-1/2030/01/02/111122223333_elasticloadbalancing_eu-central-1_app.web.0123456789abcdef_20300102T0305Z_127.0.1.1_cafe0123.log.gz',
    );
  });
});

describe('headers', () => {
  const forwarding = { clientIp: '10.0.0.9', port: 80, traceId: 'Root=1-a-b', dropsInvalid: true };

  it('of one hop stay behind, the others keep order, case and repeats', () => {
    const raw = [
      'Host',
      'web',
      'X-B',
      '1',
      'Connection',
      'close',
      'x-b',
      '2',
      'Keep-Alive',
      'timeout=5',
      'TE',
      'trailers',
      'Bad_Name',
      'x',
    ];
    expect(toTarget(raw, forwarding)).toEqual([
      ...['Host', 'web', 'X-B', '1', 'x-b', '2'],
      ...['X-Forwarded-For', '10.0.0.9', 'X-Forwarded-Proto', 'http', 'X-Forwarded-Port', '80', 'X-Amzn-Trace-Id', 'Root=1-a-b'],
    ]);
    expect(toTarget(['Bad_Name', 'x'], { ...forwarding, dropsInvalid: false })).toContain('Bad_Name');
  });

  it('add the client to those a request was forwarded for, and replace what only the load balancer knows', () => {
    const passed = toTarget(['X-Forwarded-For', '1.2.3.4', 'X-Forwarded-Proto', 'https'], forwarding);
    expect(passed).toEqual(expect.arrayContaining(['X-Forwarded-For', '1.2.3.4, 10.0.0.9', 'http']));
    expect(passed).not.toContain('https');
  });

  it('of an answer lose their framing, which is the server’s', () => {
    expect(toClient(['Transfer-Encoding', 'chunked', 'Set-Cookie', 'a', 'Set-Cookie', 'b'], ['X', 'y'])).toEqual([
      'Set-Cookie',
      'a',
      'Set-Cookie',
      'b',
      'X',
      'y',
    ]);
  });

  it('keep a client’s trace and add the load balancer to it', () => {
    expect(traceIdFor(undefined, '1-a-b')).toBe('Root=1-a-b');
    expect(traceIdFor('Root=1-c-d', '1-a-b')).toBe('Self=1-a-b;Root=1-c-d');
  });
});
