/** What there is in the account, by service and release: counted by what it is, since which one it is, is chance. */
import type { OpenedAccount } from './opened-account.ts';

type Tagged = { readonly Tags?: readonly { readonly Key: string; readonly Value: string }[] };
const tag = ({ Tags = [] }: Tagged, name: string) => Tags.find(({ Key }) => Key === `tandem:${name}`)?.Value ?? '?';

export interface NodeItem extends Tagged {
  readonly InstanceId: string;
  readonly State: { readonly Name: string };
}

const ALIVE: readonly string[] = ['pending', 'running', 'stopping', 'stopped'];

export async function instances(account: OpenedAccount, service: string): Promise<readonly NodeItem[]> {
  const { Reservations } = await account.call<{ Reservations: { Instances: NodeItem[] }[] }>('ec2:DescribeInstances');
  const all = Reservations.flatMap(({ Instances }) => Instances);
  return all.filter((one) => tag(one, 'service') === service && ALIVE.includes(one.State.Name));
}

/** `3 × 1.0.0 unikernel blue`. Fleets are called by what they are: both their names are chance to the reader. */
export async function nodes(account: OpenedAccount, service: string, states = ALIVE): Promise<readonly string[]> {
  const found = (await instances(account, service)).filter(({ State }) => states.includes(State.Name));
  const names = found.map((one) => `${tag(one, 'release')} ${tag(one, 'build')} ${tag(one, 'group')}`);
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} × ${name}`).toSorted();
}

export async function images(account: OpenedAccount, service: string): Promise<readonly string[]> {
  const { Images } = await account.call<{ Images: (Tagged & { Name: string })[] }>('ec2:DescribeImages', { Owners: ['self'] });
  return Images.filter((one) => tag(one, 'service') === service)
    .map(({ Name }) => Name.replace(/^tandem\//, ''))
    .toSorted();
}

export async function snapshots(account: OpenedAccount, service: string): Promise<readonly string[]> {
  const { Snapshots } = await account.call<{ Snapshots: Tagged[] }>('ec2:DescribeSnapshots', { OwnerIds: ['self'] });
  return Snapshots.filter((one) => tag(one, 'service') === service)
    .map((one) => `${tag(one, 'release')} ${tag(one, 'build')}`)
    .toSorted();
}

export interface Execution {
  readonly name: string;
  readonly status: string;
  readonly executionArn: string;
}

/** Newest first, as AWS lists them. */
export async function executions(account: OpenedAccount, machine: string): Promise<readonly Execution[]> {
  const { stateMachines } = await account.call<{ stateMachines: { name: string; stateMachineArn: string }[] }>(
    'states:ListStateMachines',
  );
  const { stateMachineArn } = stateMachines.find(({ name }) => name === machine)!;
  const asked = { stateMachineArn, maxResults: 1000 };
  return (await account.call<{ executions: Execution[] }>('states:ListExecutions', asked)).executions;
}

const MACHINES = [
  'tandem-release',
  'tandem-rollback',
  'tandem-remediate',
  'tandem-bake',
  'tandem-watch-health',
  'tandem-watch-release',
];

const isRunning = ({ status }: Execution) => status === 'RUNNING';

export async function running(account: OpenedAccount): Promise<readonly string[]> {
  const all = (await Promise.all(MACHINES.map((machine) => executions(account, machine)))).flat();
  return all.filter(isRunning).map(({ name }) => name);
}

/** As their input says: the name of a remediation is its instance's. */
export async function executionsOf(account: OpenedAccount, service: string, machine: string): Promise<readonly Execution[]> {
  const all = await executions(account, machine);
  const inputs = await Promise.all(
    all.map(({ executionArn }) => account.call<{ input: string }>('states:DescribeExecution', { executionArn })),
  );
  const isOfService = (_: Execution, index: number) =>
    (JSON.parse(inputs[index]!.input) as { service: string }).service === service;
  return all.filter(isOfService);
}

export async function runningOf(account: OpenedAccount, service: string): Promise<readonly string[]> {
  const all = (await Promise.all(MACHINES.map((machine) => executionsOf(account, service, machine)))).flat();
  return all.filter(isRunning).map(({ name }) => name);
}

/** Priority of each rule besides the anchor's, and the weight of each group that has one. */
export async function weights(
  account: OpenedAccount,
  service: string,
): Promise<Readonly<Record<string, Record<string, number>>>> {
  const { resources } = await account.serviceFacts(service);
  const groupOf = new Map(Object.entries(resources.targetGroups).map(([group, arn]) => [arn, group]));
  type Rule = { Priority: string; Actions: { ForwardConfig?: { TargetGroups: { TargetGroupArn: string; Weight: number }[] } }[] };
  const { Rules } = await account.call<{ Rules: Rule[] }>('elasticloadbalancing:DescribeRules', {
    ListenerArn: resources.listener,
  });
  const ours = Rules.filter(({ Priority }) => ['50', '100'].includes(Priority));
  return Object.fromEntries(
    ours.map(({ Priority, Actions }) => {
      const groups = (Actions[0]?.ForwardConfig?.TargetGroups ?? []).filter(({ Weight }) => Weight > 0);
      return [
        Priority === '50' ? 'beta' : 'main',
        Object.fromEntries(groups.map(({ TargetGroupArn, Weight }) => [groupOf.get(TargetGroupArn) ?? '?', Weight])),
      ];
    }),
  );
}

export interface Left {
  readonly nodes: readonly string[];
  readonly images: readonly string[];
  readonly snapshots: readonly string[];
  readonly weights: Readonly<Record<string, Record<string, number>>>;
  readonly running: readonly string[];
}

export const NOTHING: Left = { nodes: [], images: [], snapshots: [], weights: {}, running: [] };

export async function left(account: OpenedAccount, service: string): Promise<Left> {
  return {
    nodes: await nodes(account, service),
    images: await images(account, service),
    snapshots: await snapshots(account, service),
    weights: await weights(account, service),
    running: await running(account),
  };
}
