/** Whether there is room for a release's nodes beside what runs already. Pure: decided before anything is baked or launched. */
import type { Build } from '../service/service.ts';
import type { ServiceFile } from '../service/service-file.ts';
import type { Slot } from './fleet.ts';
import { isAlive } from './phase.ts';
import type { Quota, Room, VcpuQuota } from './ports.ts';

export interface CapacityFacts {
  readonly file: Pick<ServiceFile, 'nodes' | 'linuxNodes' | 'canary' | 'debut'>;
  /** A first release has nothing to be compared with. */
  readonly isFirst: boolean;
  readonly slots: readonly Slot[];
  readonly room: Room;
}

export interface Capacity {
  readonly kind: 'fits' | 'too-much';
  readonly why: string;
}

type Nodes = Readonly<Record<Build, number>>;

/**
 * The moments at which a release has the most nodes up: canary and baseline beside the Linux nodes they replace, and the
 * whole new fleet with its Linux nodes beside the old fleet and everything that was compared.
 */
export function peaks({ file, isFirst, slots }: Omit<CapacityFacts, 'room'>): readonly Nodes[] {
  const count = (build: Build) => slots.filter((slot) => slot.state !== 'gone' && slot.build === build).length;
  const refreshed = slots.filter((slot) => isAlive(slot) && slot.group === 'baseline').length;
  const [compared, control] = isFirst ? [0, 0] : [file.canary.nodes, file.debut.nodes];
  const linux = count('linux') + file.canary.nodes + compared;
  const unikernel = count('unikernel');
  return [
    { linux, unikernel },
    {
      linux: linux - refreshed + file.linuxNodes,
      unikernel: unikernel + file.nodes + control,
    },
  ];
}

export function planCapacity(facts: CapacityFacts): Capacity {
  const moments = peaks(facts);
  const { vcpus, targets } = facts.room;
  const short = [
    ...(vcpus.kind === 'known' ? vcpus.quotas.flatMap((quota) => vcpuShortage(quota, vcpus.perNode, moments)) : []),
    ...(targets.kind === 'known' ? targetShortage(targets, moments) : []),
  ];
  if (short.length > 0) return { kind: 'too-much', why: short.join('; ') };
  const unknown = [vcpus, targets].flatMap((one) => (one.kind === 'unknown' ? [one.why] : []));
  const most = Math.max(...moments.map(total));
  if (unknown.length > 0)
    return { kind: 'fits', why: `whether there is room is not known, so it is tried: ${unknown.join('; ')}` };
  return { kind: 'fits', why: `there is room for the ${most} node(s) it has at most` };
}

const total = ({ linux, unikernel }: Nodes) => linux + unikernel;

function vcpuShortage(quota: VcpuQuota, perNode: Nodes, moments: readonly Nodes[]): readonly string[] {
  const vcpusOf = (nodes: Nodes) => quota.builds.reduce((sum, build) => sum + nodes[build] * perNode[build], 0);
  const ours = Math.max(...moments.map(vcpusOf));
  if (ours + quota.usedByOthers <= quota.limit) return [];
  return [
    `at its largest it needs ${ours} vCPUs beside ${quota.usedByOthers} that others use: ${ours + quota.usedByOthers} > ${fix(quota)}`,
  ];
}

/**
 * Every group's targets count towards the load balancer, so its limit is met before that of a group (1,000): the
 * service file allows no fleet that large.
 */
function targetShortage(quota: Quota, moments: readonly Nodes[]): readonly string[] {
  const most = Math.max(...moments.map(total));
  return most <= quota.limit ? [] : [`at its largest it has ${most} targets: ${most} > ${fix(quota)}`];
}

const fix = ({ limit, name }: Quota) =>
  `${limit}. Request an increase of "${name}" in Service Quotas, or lower \`nodes\` in the service file`;
