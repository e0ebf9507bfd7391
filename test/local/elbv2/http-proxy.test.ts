import { Agent, request } from 'node:http';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveClock } from '../../../local/kernel/clock-live.ts';
import { setStage } from './stage.ts';
import type { Stage, StageOptions } from './stage.ts';
import { ask, freePort, serve } from './sockets.ts';

const [ONE, TWO] = ['i-0000000000000001', 'i-0000000000000002'];
const LOGGED = [
  ['access_logs.s3.enabled', 'true'],
  ['access_logs.s3.bucket', 'logs'],
  ['idle_timeout.timeout_seconds', '1'],
].map(([Key, Value]) => ({ Key, Value }));

let time: LiveClock;
let stage: Stage;
let port: number;
let targetPort: number;
let targets: Server[];
let agent: Agent;

async function open(more: Partial<StageOptions> = {}): Promise<void> {
  stage = await setStage({
    time,
    network: false,
    balancer: { LoadBalancerAttributes: LOGGED },
    group: { Port: targetPort },
    listener: { Port: port },
    ...more,
  });
  await stage.elb.start!();
}

/** Health checks are answered for the test; it sees users' requests only. */
async function target(address: string, answer: RequestListener): Promise<Server> {
  const server = await serve(address, targetPort, (req, res) => {
    if (req.headers['user-agent']?.startsWith('ELB-HealthChecker')) res.end();
    else answer(req, res);
  });
  targets.push(server);
  return server;
}

const register = (group: string, ...ids: string[]) =>
  stage.run('RegisterTargets', { TargetGroupArn: group, Targets: ids.map((Id) => ({ Id })) });

async function serveOne(answer: RequestListener): Promise<Server> {
  const server = await target('127.1.77.1', answer);
  stage.launch(ONE, '127.1.77.1');
  stage.weigh(1, 0);
  register(stage.blue, ONE);
  await vi.waitFor(async () => {
    expect(stage.health(stage.blue)).toEqual(['healthy']);
    expect(stage.sum('HTTPCode_ELB_503_Count') >= 0 && (await ask({ port, path: '/warm-up' })).headers.server).not.toBe(
      'awselb/2.0',
    );
  });
  stage.samples.length = 0;
  return server;
}

const connectionsOf = (server: Server) =>
  new Promise<number>((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));

const logLines = async (): Promise<string[]> => {
  await stage.elb.stop!();
  return stage.objects.flatMap(({ body }) => gunzipSync(body).toString().trim().split('\n'));
};

beforeEach(async () => {
  time = new LiveClock({ speed: 100, onError: (label, error) => console.error(label, error) });
  targets = [];
  agent = new Agent({ keepAlive: true });
  [port, targetPort] = [await freePort(), await freePort()];
});

afterEach(async () => {
  agent.destroy();
  await stage.elb.stop!();
  time.stop();
  for (const server of targets) {
    server.close();
    server.closeAllConnections();
  }
});

describe('a request through the load balancer', () => {
  it('reaches the target with what it carried and who sent it, and the answer comes back unchanged', async () => {
    await open();
    await serveOne((req, res) => {
      res.writeHead(201, { 'X-Custom': 'kept', 'Set-Cookie': ['a=1', 'b=2'] });
      res.write(JSON.stringify({ method: req.method, url: req.url, headers: req.headers }));
      req.pipe(res);
    });
    const answer = await ask({
      port,
      path: '/orders?id=1',
      method: 'POST',
      headers: { Host: 'shop.example', 'X-Forwarded-For': '1.2.3.4' },
      body: 'hello',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({ 'x-custom': 'kept', 'set-cookie': ['a=1', 'b=2'] });
    expect(answer.body.endsWith('}hello')).toBe(true);
    const seen = JSON.parse(answer.body.slice(0, -5)) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ method: 'POST', url: '/orders?id=1', headers: { host: 'shop.example' } });
    expect(seen.headers['x-forwarded-for']).toBe('1.2.3.4, 127.0.0.1');
    expect(seen.headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  });

  it('streams: the first part of an answer arrives while the target still writes', async () => {
    await open();
    let writing: ServerResponse | undefined;
    await serveOne((req, res) => {
      if (req.url !== '/stream') return void res.end();
      writing = res;
      res.write('first');
    });
    const parts: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const sending = request({ host: '127.0.1.1', port, path: '/stream', agent: false }, (response) => {
        response.on('data', (part: Buffer) => {
          parts.push(part.toString());
          if (parts.length === 1) writing!.end('second');
        });
        response.on('end', resolve);
      });
      sending.on('error', reject).end();
    });
    expect(parts).toEqual(['first', 'second']);
  });

  it('uses its connections to the target again', async () => {
    await open();
    const connections = new Set<unknown>();
    await serveOne((req, res) => {
      connections.add(req.socket);
      res.end('ok');
    });
    for (let n = 0; n < 20; n++) expect((await ask({ port, agent })).body).toBe('ok');
    expect(connections.size).toBeLessThanOrEqual(2);
    expect(stage.sum('HTTPCode_Target_2XX_Count', stage.blue)).toBe(20);
  });

  it('is answered 502 when the target hangs up, and is not sent again', async () => {
    await open();
    let asked = 0;
    await serveOne((req, res) => {
      if (req.url !== '/die') return void res.end();
      asked += 1;
      req.socket.destroy();
    });
    expect(await ask({ port, path: '/die' })).toMatchObject({ status: 502, headers: { server: 'awselb/2.0' } });
    expect(asked).toBe(1);
    expect(stage.sum('HTTPCode_ELB_502_Count')).toBe(1);
    expect(stage.sum('TargetConnectionErrorCount', stage.blue)).toBe(0);
  });

  it('is answered 502 when the target answers what is not HTTP', async () => {
    await open();
    await serveOne((req, res) => (req.url === '/bad' ? req.socket.end('what?\r\n\r\n') : res.end()));
    expect((await ask({ port, path: '/bad' })).status).toBe(502);
  });

  it('is answered 502 when nobody listens, which is a connection error', async () => {
    await open();
    const server = await serveOne((_req, res) => void res.end());
    server.close();
    server.closeAllConnections();
    expect((await ask({ port })).status).toBe(502);
    expect(stage.sum('TargetConnectionErrorCount', stage.blue)).toBe(1);
  });

  it('is answered 504 when the target is silent for the idle timeout', async () => {
    await open();
    await serveOne((req, res) => (req.url === '/hang' ? undefined : res.end()));
    expect((await ask({ port, path: '/hang' })).status).toBe(504);
    expect(stage.sum('HTTPCode_ELB_504_Count')).toBe(1);
    expect(stage.sum('RequestCount', stage.blue)).toBe(1);
  });

  it('breaks off when the target breaks off in the middle of its answer', async () => {
    await open();
    await serveOne((req, res) => {
      if (req.url !== '/half') return void res.end();
      // In chunks: an answer that is merely ended would look whole.
      res.write('half', () => req.socket.destroy());
    });
    await expect(ask({ port, path: '/half' })).rejects.toThrow();
    await vi.waitFor(() => expect(stage.sum('HTTPCode_Target_2XX_Count', stage.blue)).toBe(1));
  });

  it('that its sender gives up is given up towards the target too, and logged 460', async () => {
    await open({ balancer: { LoadBalancerAttributes: LOGGED.filter(({ Key }) => Key !== 'idle_timeout.timeout_seconds') } });
    const gone = new Promise<void>((resolve) => {
      void serveOne((req, res) => {
        if (req.url !== '/slow') return void res.end();
        res.once('close', resolve);
        sender.destroy();
      }).then(() => sender.end());
    });
    const sender = request({ host: '127.0.1.1', port, path: '/slow', agent: false });
    sender.on('error', () => undefined);
    await gone;
    await vi.waitFor(async () => expect(stage.sum('RequestCount', stage.blue)).toBe(1));
    const line = (await logLines()).find((one) => one.includes('/slow'));
    expect(line).toContain(' 460 - ');
  });

  it('under way is finished while its target drains', async () => {
    await open();
    let finish: (() => void) | undefined;
    await serveOne((req, res) => {
      if (req.url !== '/long') return void res.end('short');
      finish = () => res.end('done');
    });
    const answer = ask({ port, path: '/long', agent });
    await vi.waitFor(() => expect(finish).toBeDefined());
    stage.run('DeregisterTargets', { TargetGroupArn: stage.blue, Targets: [{ Id: ONE }] });
    expect((await ask({ port })).status).toBe(503);
    await vi.waitFor(() => expect(stage.health(stage.blue)).toEqual([]));
    finish!();
    expect((await answer).body).toBe('done');
  });

  it('that is not HTTP is answered 400', async () => {
    await open();
    await serveOne((_req, res) => void res.end());
    const socket = connect(port, '127.0.1.1');
    socket.end('nonsense\r\n\r\n');
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part as Buffer);
    expect(Buffer.concat(parts).toString()).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('follows a sticky rule against the weights, as ALB does', async () => {
    await open();
    await serveOne((_req, res) => void res.end('blue'));
    await target('127.1.77.2', (_req, res) => void res.end('green'));
    stage.launch(TWO, '127.1.77.2');
    register(stage.green, TWO);
    await vi.waitFor(() => expect(stage.health(stage.green)).toEqual(['healthy']));
    const forward = (blue: number, green: number) => [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: stage.blue, Weight: blue },
            { TargetGroupArn: stage.green, Weight: green },
          ],
          TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
        },
      },
    ];
    const Conditions = [{ Field: 'path-pattern', Values: ['/*'] }];
    const made = stage.run('CreateRule', { ListenerArn: stage.listener, Priority: 1, Conditions, Actions: forward(1, 0) }) as {
      Rules: { RuleArn: string }[];
    };
    let cookie = '';
    await vi.waitFor(async () => {
      cookie = (await ask({ port })).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      expect(cookie).toContain('AWSALBTG=');
    });
    stage.run('ModifyRule', { RuleArn: made.Rules[0]!.RuleArn, Actions: forward(0, 1) });
    await vi.waitFor(async () => expect((await ask({ port })).body).toBe('green'));
    expect((await ask({ port, headers: { cookie } })).body).toBe('blue');
  });
});

describe('the access log', () => {
  it('is put every five minutes, and has who served what, by which rule and how fast', async () => {
    await open();
    await serveOne((_req, res) => void res.end('ok'));
    await ask({ port, path: '/page?x=1', headers: { 'user-agent': 'vitest' } });
    await vi.waitFor(() => expect(stage.objects).not.toEqual([]), 6_000);
    const line = (await logLines()).find((one) => one.includes('/page'))!.split(' ');
    expect([line[0], line[4], line[8], line[9]]).toEqual(['http', `127.1.77.1:${targetPort}`, '200', '200']);
    expect(line.slice(12, 18).join(' ')).toContain(`"GET http://127.0.1.1:${port}/page?x=1 HTTP/1.1" "vitest" - -`);
    expect(line).toContain(stage.blue);
    expect(line[22]).toBe('100');
    expect(line).toContain('"forward"');
    for (const seconds of line.slice(5, 8)) expect(seconds).toMatch(/^\d+\.\d{3}$/);
    expect(Number(line[10])).toBeGreaterThan(50);
  });
});

describe('the end', () => {
  it('closes every socket, also those in use', async () => {
    await open();
    let isHanging = false;
    await serveOne((req, res) => {
      if (req.url === '/hang') isHanging = true;
      else res.end();
    });
    const hanging = ask({ port, path: '/hang' }).catch((error: unknown) => error);
    await vi.waitFor(() => expect(isHanging).toBe(true));
    // Leaves an idle connection to the target, besides the busy one.
    await ask({ port, agent });
    await stage.elb.stop!();
    expect(await hanging).toBeInstanceOf(Error);
    await expect(ask({ port })).rejects.toThrow('ECONNREFUSED');
    await vi.waitFor(async () => expect(await connectionsOf(targets[0]!)).toBe(0));
  });
});
