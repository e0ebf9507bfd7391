/** The whole app in process: uploads, users, orders, and what the account looks like in the end. */
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { openRuntime } from '../../../local/runtime.ts';
import type { Fate, FunctionCall, InProcessRuntime } from '../../../local/runtime/in-process.ts';
import { askGateway } from '../../../local/runtime/http.ts';
import type { DeliveryPlan } from '../../../local/services/events/events.ts';
import { endState } from './end-state.ts';
import type { EndState } from './end-state.ts';

export const SERVICE = 'hello';
const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;

export interface StoryOptions {
  readonly assembly: string;
  readonly seed: number;
  readonly fate?: (call: FunctionCall) => Fate;
  readonly deliveryPlan?: DeliveryPlan;
}

export interface UserRequests {
  sent: number;
  failed: number;
}

export interface ReleaseItem {
  readonly version: string;
  readonly stage: string;
  readonly transitions: readonly { readonly id: string; readonly stage: string; readonly why: string }[];
}

export class Story {
  readonly runtime: InProcessRuntime;
  readonly calls: readonly FunctionCall[];
  readonly users: UserRequests = { sent: 0, failed: 0 };
  readonly #controlPlane: Readonly<Record<string, string>>;

  private constructor(runtime: InProcessRuntime, calls: readonly FunctionCall[], controlPlane: Readonly<Record<string, string>>) {
    this.runtime = runtime;
    this.calls = calls;
    this.#controlPlane = controlPlane;
  }

  static async open(options: StoryOptions): Promise<Story> {
    const calls: FunctionCall[] = [];
    const fate = (call: FunctionCall) => {
      calls.push(call);
      return options.fate?.(call) ?? 'lives';
    };
    const runtime = await openRuntime({ mode: 'in-process', ...options, fate });
    const facts = await runtime.composed.api.call('ssm', 'GetParameter', { Name: '/tandem/control-plane' });
    return new Story(
      runtime,
      calls,
      JSON.parse((facts as { Parameter: { Value: string } }).Parameter.Value) as Record<string, string>,
    );
  }

  /** Both images of a version; `behaviour` is read by the virtual instances. */
  async upload(version: string, behaviour: Readonly<Record<string, unknown>> = {}): Promise<void> {
    for (const build of ['linux', 'unikernel']) {
      const body = await bundle(behaviour);
      await this.runtime.composed.objects.put(this.#controlPlane.imagesBucket!, `${SERVICE}/${version}/${build}.raw`, body);
    }
  }

  /** Two requests a second, until the story ends. */
  async sendUsers(): Promise<void> {
    const found = await this.runtime.composed.api.call('elasticloadbalancing', 'DescribeLoadBalancers', {});
    const address = (found as { LoadBalancers: { DNSName: string }[] }).LoadBalancers[0]!.DNSName;
    const send = () => {
      this.users.sent += 1;
      const answer = this.runtime.composed.loadBalancers.traffic.request({ address, port: 80, path: '/' });
      if (answer.status >= 500) this.users.failed += 1;
      this.runtime.clock.after(SECOND_MS / 2, 'a user', send);
    };
    send();
  }

  async advance(minutes: number): Promise<void> {
    await this.runtime.clock.advanceBy(minutes * MINUTE_MS);
  }

  /** Moves time until the release is over; answers its last stage. */
  async untilOver(version: string, limitMinutes = 120): Promise<string> {
    for (let minute = 0; minute < limitMinutes; minute += 1) {
      const release = (await this.releases()).find((one) => one.version === version);
      if (release && ['stable', 'rolled-back', 'refused', 'superseded'].includes(release.stage)) return release.stage;
      await this.advance(1);
    }
    throw new Error(`${version} is not over after ${limitMinutes} minutes of account time`);
  }

  async order(version: string, intent: string): Promise<unknown> {
    const payload = { service: SERVICE, version, intent, by: 'the operator', why: 'the story wants it' };
    return this.runtime.composed.functions.invoke(this.#controlPlane.orderFunction!, payload);
  }

  async items(): Promise<readonly Record<string, unknown>[]> {
    const answer = await askGateway(
      this.runtime.account.gateway,
      {
        method: 'POST',
        path: '/',
        host: '',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'DynamoDB_20120810.Scan',
          authorization:
            'AWS4-HMAC-SHA256 Credential=story/20300101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none',
        },
        body: Buffer.from(JSON.stringify({ TableName: this.#controlPlane.table })),
      },
      'story',
    );
    const { Items = [] } = JSON.parse(Buffer.from(answer.body).toString()) as { Items?: Record<string, unknown>[] };
    return Items.map((item) => plain({ M: item }) as Record<string, unknown>);
  }

  async releases(): Promise<readonly ReleaseItem[]> {
    const items = await this.items();
    return items.filter(({ sk }) => String(sk).startsWith('RELEASE#')) as unknown as readonly ReleaseItem[];
  }

  async end(): Promise<EndState> {
    return endState(this.runtime.composed.api, await this.items());
  }

  async stop(): Promise<void> {
    await this.runtime.stop();
  }
}

async function bundle(behaviour: Readonly<Record<string, unknown>>): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'run', mode: 0o755, mtime: new Date(0) }, '#!/bin/sh\n');
  tar.entry({ name: 'virtual.json', mtime: new Date(0) }, JSON.stringify(behaviour));
  tar.finalize();
  return buffer(tar);
}

/** DynamoDB's typed values as plain ones. */
function plain(value: unknown): unknown {
  const [[type, inner] = ['NULL', null]] = Object.entries(value as Record<string, unknown>);
  if (type === 'M') return Object.fromEntries(Object.entries(inner as object).map(([name, one]) => [name, plain(one)]));
  if (type === 'L') return (inner as unknown[]).map(plain);
  if (type === 'N') return Number(inner);
  return type === 'NULL' ? null : inner;
}
