/**
 * The synthesized app in an account that runs in this process, whatever moves its clock and runs its instances: what a user
 * and an operator do to it, and what it tells.
 */
import type { EvidenceIndex } from '../../../core/evidence/evidence.ts';
import type { MemoryTrace } from '../../../local/kernel/trace.ts';
import type { Account as LocalAccount } from '../../../local/runtime/account.ts';
import { askGateway } from '../../../local/runtime/http.ts';
import type { FaultItem, RefusalItem, ReleaseItem, ServiceItem, SlotItem } from './items.ts';
import { toPlain } from './items.ts';

export type Build = 'linux' | 'unikernel';
export type Behaviour = Readonly<Record<string, unknown>>;
type Item = Readonly<Record<string, unknown>>;

const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
const MOMENT_MS = 500;
const LONGEST_RELEASE_MS = 90 * MINUTE_MS;
const OVER = ['stable', 'rolled-back', 'refused', 'superseded'];

interface Told {
  readonly id: string;
  readonly kind?: string;
  readonly service?: string;
  readonly why?: string;
  readonly crashClass?: string;
}

export interface AnyRuntime {
  readonly trace: MemoryTrace;
  readonly account: LocalAccount;
  stop(): Promise<void>;
}

/** What the control plane's stack tells of itself. */
export async function controlPlaneFacts({ account }: AnyRuntime): Promise<Readonly<Record<string, string>>> {
  const found = await account.composed.api.call('ssm', 'GetParameter', { Name: '/tandem/control-plane' });
  const { Parameter } = found as { Parameter: { Value: string } };
  return JSON.parse(Parameter.Value) as Record<string, string>;
}

export abstract class OpenedAccount<Runtime extends AnyRuntime = AnyRuntime> {
  readonly runtime: Runtime;
  readonly #facts: Readonly<Record<string, string>>;
  /** Of each release, as its notices say. */
  readonly #stages = new Map<string, string>();

  protected constructor(runtime: Runtime, facts: Readonly<Record<string, string>>) {
    this.runtime = runtime;
    this.#facts = facts;
    runtime.trace.subscribe(({ path, kind, data }) => {
      if (path.startsWith('sns/') && kind === 'published') this.#hear(String(data?.message));
    });
  }

  abstract image(service: string, version: string, build: Build, behaviour?: Behaviour): Promise<Uint8Array>;
  abstract advance(minutes: number): Promise<void>;
  /** Rejects when it is not so within the milliseconds of account time. */
  abstract until(isSo: () => boolean, longestMs: number): Promise<void>;

  #hear(message: string): void {
    const { service, version, stage } = JSON.parse(message) as Record<string, string>;
    if (version !== undefined) this.#stages.set(`${service}@${version}`, stage ?? '');
  }

  stop(): Promise<void> {
    return this.runtime.stop();
  }

  get now(): number {
    return this.runtime.account.world.time.now();
  }

  /** `service:Operation`; answers the member, if one is named. */
  async call<Answer = Item>(what: string, input: object = {}): Promise<Answer> {
    const [service = '', operation = ''] = what.split(':');
    return (await this.runtime.account.composed.api.call(service, operation, input)) as Answer;
  }

  // What users of Tandem do.

  /** Through S3's own protocol, as `aws s3 cp` does. */
  async put(key: string, body: Uint8Array | string): Promise<void> {
    const path = `/${this.#facts.imagesBucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    const { status, body: answer } = await this.#ask('s3', { method: 'PUT', path, headers: {}, body: Buffer.from(body) });
    if (status !== 200) throw new Error(`PUT ${key}: ${status} ${Buffer.from(answer).toString()}`);
  }

  async upload(service: string, version: string, behaviour: Partial<Record<Build, Behaviour>> = {}): Promise<void> {
    for (const build of ['linux', 'unikernel'] as const) {
      await this.put(`${service}/${version}/${build}.raw`, await this.image(service, version, build, behaviour[build]));
    }
  }

  /** What the order function answers, or the name and message of its error. */
  async order(service: string, version: string, intent: string): Promise<string> {
    const payload = { service, version, intent, by: 'ada', why: 'the test wants it' };
    const outcome = await this.runtime.account.composed.functions.invoke(this.#facts.orderFunction!, payload);
    return outcome.kind === 'returned'
      ? (outcome.payload as { why: string }).why
      : `${outcome.errorType}: ${outcome.errorMessage}`;
  }

  /** What the door answers, or the name and message of its error. */
  async knock(event: object): Promise<unknown> {
    const outcome = await this.runtime.account.composed.functions.invoke(this.#facts.doorFunction!, event);
    return outcome.kind === 'returned' ? outcome.payload : `${outcome.errorType}: ${outcome.errorMessage}`;
  }

  // Where things answer.

  async addressOf(instanceId: string): Promise<string> {
    type Described = { Reservations: { Instances: { PrivateIpAddress: string }[] }[] };
    const { Reservations } = await this.call<Described>('ec2:DescribeInstances', { InstanceIds: [instanceId] });
    return Reservations[0]!.Instances[0]!.PrivateIpAddress;
  }

  /** Of a service; the port is the one it listens on here. */
  async balancer(service: string): Promise<{ readonly host: string; readonly port: number }> {
    const { resources } = await this.serviceFacts(service);
    const name = resources.metrics.loadBalancer.split('/')[1];
    const { LoadBalancers } = await this.call<{ LoadBalancers: { DNSName: string; LoadBalancerName: string }[] }>(
      'elasticloadbalancing:DescribeLoadBalancers',
    );
    const { Listeners } = await this.call<{ Listeners: { Port: number }[] }>('elasticloadbalancing:DescribeListeners', {
      ListenerArns: [resources.listener],
    });
    return { host: LoadBalancers.find(({ LoadBalancerName }) => LoadBalancerName === name)!.DNSName, port: Listeners[0]!.Port };
  }

  // Time.

  /** To the instant at which its notice is sent: of that stage is done what takes no time. */
  async untilTold(service: string, version: string, ...stages: readonly string[]): Promise<void> {
    const name = `${service}@${version}`;
    const isSo = () => stages.includes(this.#stages.get(name) ?? '') || OVER.includes(this.#stages.get(name) ?? '');
    await this.until(isSo, LONGEST_RELEASE_MS).catch((cause: unknown) => {
      throw new Error(`${name} is ${this.#stages.get(name)}, not ${stages.join(' or ')}`, { cause });
    });
    const found = this.#stages.get(name) ?? '';
    if (!stages.includes(found)) throw new Error(`${name} is ${found}, and never will be ${stages.join(' or ')}`);
  }

  /** And a moment more, so that the step that sent the notice ends. */
  async untilStage(service: string, version: string, ...stages: readonly string[]): Promise<ReleaseItem> {
    await this.untilTold(service, version, ...stages);
    await this.advance(MOMENT_MS / MINUTE_MS);
    return this.release(service, version);
  }

  untilOver(service: string, version: string): Promise<ReleaseItem> {
    return this.untilStage(service, version, ...OVER);
  }

  async released(service: string, version: string, behaviour: Partial<Record<Build, Behaviour>> = {}): Promise<ReleaseItem> {
    await this.upload(service, version, behaviour);
    return this.untilOver(service, version);
  }

  // What the table says.

  async items(): Promise<readonly Item[]> {
    return (await this.#dynamo('Scan', {})).items;
  }

  async #dynamo(operation: string, input: object): Promise<{ readonly items: readonly Item[]; readonly next: unknown }> {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${operation}` };
    const body = Buffer.from(JSON.stringify({ TableName: this.#facts.table, ...input }));
    const answer = await this.#ask('dynamodb', { method: 'POST', path: '/', headers, body });
    type Page = { Items?: Item[]; LastEvaluatedKey?: object };
    const { Items = [], LastEvaluatedKey } = JSON.parse(Buffer.from(answer.body).toString()) as Page;
    return { items: Items.map((item) => toPlain({ M: item }) as Item), next: LastEvaluatedKey };
  }

  /** Of one service, all pages of it. */
  async #of(service: string, kind: string): Promise<readonly Item[]> {
    const found: Item[] = [];
    for (let ExclusiveStartKey: unknown; ;) {
      const page = await this.#dynamo('Query', {
        KeyConditionExpression: 'pk = :service AND begins_with(sk, :kind)',
        ExpressionAttributeValues: { ':service': { S: `SERVICE#${service}` }, ':kind': { S: kind } },
        ConsistentRead: true,
        ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
      });
      found.push(...page.items);
      ExclusiveStartKey = page.next;
      if (ExclusiveStartKey === undefined) return found;
    }
  }

  async findRelease(service: string, version: string): Promise<ReleaseItem | undefined> {
    return (await this.#of(service, `RELEASE#${version}`)).find((item) => item.version === version) as unknown as ReleaseItem;
  }

  async release(service: string, version: string): Promise<ReleaseItem> {
    const found = await this.findRelease(service, version);
    if (!found) throw new Error(`there is no record of ${service}@${version}`);
    return found;
  }

  async service(service: string): Promise<ServiceItem> {
    return (await this.#of(service, 'RECORD'))[0] as unknown as ServiceItem;
  }

  async slots(service: string): Promise<readonly SlotItem[]> {
    return (await this.#of(service, 'SLOT#')) as unknown as readonly SlotItem[];
  }

  /** What is recorded of failed nodes, oldest first. */
  async faults(service: string): Promise<readonly FaultItem[]> {
    return (await this.#of(service, 'FAULT#')) as unknown as readonly FaultItem[];
  }

  /** Notices of faults, and calls for a person: of one service, if it is named. */
  told(kind: 'fault' | 'page', service?: string): readonly Told[] {
    const all = this.runtime.account.composed.topics.published(this.#facts.noticesTopic!);
    const told = all.map(({ message }) => JSON.parse(message) as Told);
    return told.filter((one) => one.kind === kind && (service === undefined || one.service === service));
  }

  async evidence(service: string, faultId: string): Promise<EvidenceIndex | undefined> {
    const path = `/${this.#facts.evidenceBucket}/faults/${service}/${faultId}/index.json`;
    const { status, body } = await this.#ask('s3', { method: 'GET', path, headers: {}, body: Buffer.alloc(0) });
    return status === 200 ? (JSON.parse(Buffer.from(body).toString()) as EvidenceIndex) : undefined;
  }

  async refusals(service = '?'): Promise<readonly RefusalItem[]> {
    return (await this.#of(service, 'REFUSAL#')) as unknown as readonly RefusalItem[];
  }

  async serviceFacts(service: string) {
    const { Parameter } = await this.call<{ Parameter: { Value: string } }>('ssm:GetParameter', {
      Name: `/tandem/services/${service}`,
    });
    return JSON.parse(Parameter.Value) as {
      resources: { targetGroups: Record<string, string>; listener: string; metrics: { loadBalancer: string } };
    };
  }

  /** What was published of a version, oldest first. */
  notices(service: string, version: string): readonly { readonly id: string; readonly stage: string; readonly why: string }[] {
    const all = this.runtime.account.composed.topics.published(this.#facts.noticesTopic!);
    const notices = all.map(({ message }) => JSON.parse(message) as { id: string; stage: string; why: string });
    return notices.filter(({ id }) => id.startsWith(`${service}@${version}#`));
  }

  functionNamed(part: string): string {
    const found = this.runtime.account.declared.find(
      ({ type, logicalId }) => type === 'AWS::Lambda::Function' && logicalId.includes(part),
    );
    if (!found) throw new Error(`no function's logical id has "${part}" in it`);
    return found.ref;
  }

  #ask(service: string, { headers, ...asked }: { method: string; path: string; headers: Record<string, string>; body: Buffer }) {
    const scope = `test/20300101/${this.runtime.account.world.account.region}/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
    return askGateway(this.runtime.account.gateway, { ...asked, host: '', headers: { ...headers, authorization } });
  }
}
