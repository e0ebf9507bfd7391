/** What the account looks like when all is over: no ids and no times, so that two ways there can be compared. */
import type { Api } from '../../../local/kernel/ports.ts';

export interface EndState {
  readonly stages: Readonly<Record<string, unknown>>;
  readonly stable: unknown;
  readonly inFlight: unknown;
  readonly nodes: readonly string[];
  readonly images: readonly string[];
  readonly snapshots: number;
  readonly rules: readonly string[];
  readonly running: readonly string[];
}

type Item = Readonly<Record<string, unknown>>;

export async function endState(api: Api, items: readonly Item[]): Promise<EndState> {
  const records = items.filter((item) => String(item.pk).startsWith('SERVICE#'));
  const service = records.find((item) => item.sk === 'RECORD') as { stable?: { version: string }; inFlight?: string } | undefined;
  const releases = records.filter((item) => String(item.sk).startsWith('RELEASE#'));
  return {
    stages: Object.fromEntries(releases.map((release) => [String(release.version), release.stage])),
    stable: service?.stable?.version,
    inFlight: service?.inFlight,
    nodes: await nodes(api),
    images: await images(api),
    snapshots: (await list(api, 'ec2:DescribeSnapshots.Snapshots', { OwnerIds: ['self'] })).length,
    rules: await rules(api),
    running: await running(api),
  };
}

/** `service:Operation.Member` */
async function list(api: Api, what: string, input: unknown = {}): Promise<readonly Item[]> {
  const [service = '', operation = '', member = ''] = what.split(/[:.]/);
  const answer = (await api.call(service, operation, input)) as Record<string, Item[] | undefined>;
  return answer[member] ?? [];
}

const tagsOf = (thing: Item) =>
  Object.fromEntries(((thing.Tags ?? []) as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]));

/** Counted by release, build and group: which instances they are is chance. */
async function nodes(api: Api): Promise<readonly string[]> {
  const reservations = await list(api, 'ec2:DescribeInstances.Reservations');
  const instances = reservations.flatMap(({ Instances }) => Instances as (Item & { State: { Name: string } })[]);
  const alive = instances.filter(({ State }) => State.Name !== 'terminated');
  return counted(alive.map((one) => ({ ...tagsOf(one), state: one.State.Name })).map(nodeName));
}

const nodeName = (tags: Readonly<Record<string, string>>) =>
  `${tags['tandem:release']} ${tags['tandem:build']} ${tags['tandem:group']} ${tags.state}`;

async function images(api: Api): Promise<readonly string[]> {
  return (await list(api, 'ec2:DescribeImages.Images', { Owners: ['self'] })).map(({ Name }) => String(Name)).toSorted();
}

/** Priority and weight of each group, groups by the part of their tag that is not chance. */
async function rules(api: Api): Promise<readonly string[]> {
  const groups = await list(api, 'elasticloadbalancing:DescribeTargetGroups.TargetGroups');
  const order = new Map(groups.map(({ TargetGroupArn }, index) => [TargetGroupArn, index]));
  const balancers = await list(api, 'elasticloadbalancing:DescribeLoadBalancers.LoadBalancers');
  const found: string[] = [];
  for (const { LoadBalancerArn } of balancers) {
    for (const { ListenerArn } of await list(api, 'elasticloadbalancing:DescribeListeners.Listeners', {
      LoadBalancerArn,
    })) {
      for (const rule of await list(api, 'elasticloadbalancing:DescribeRules.Rules', { ListenerArn })) {
        found.push(`${String(rule.Priority)}: ${weights(rule, order)}`);
      }
    }
  }
  return found.toSorted();
}

function weights(rule: Item, order: ReadonlyMap<unknown, number>): string {
  const [action] = (rule.Actions ?? []) as { ForwardConfig?: { TargetGroups?: { TargetGroupArn: string; Weight: number }[] } }[];
  const targets = action?.ForwardConfig?.TargetGroups ?? [];
  return targets.map(({ TargetGroupArn, Weight }) => `${order.get(TargetGroupArn)}=${Weight}`).join(' ');
}

async function running(api: Api): Promise<readonly string[]> {
  const machines = await list(api, 'states:ListStateMachines.stateMachines');
  const all: Item[] = [];
  for (const { stateMachineArn } of machines) {
    all.push(...(await list(api, 'states:ListExecutions.executions', { stateMachineArn, statusFilter: 'RUNNING' })));
  }
  return all.map(({ name }) => String(name)).toSorted();
}

function counted(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} × ${name}`).toSorted();
}
