import { sweepIncomplete } from '../errors.ts';
import type { DrainPorts } from '../fleet/drain-slots.ts';
import type { Groups, InstanceChecks, Nodes, Slots } from '../fleet/ports.ts';
import type { Images, Snapshots } from '../image/ports.ts';
import type { AdmitPorts } from '../release/admit.ts';
import type { Catalog } from '../release/ports.ts';
import type { ReleaseRecord } from '../release/release.ts';
import type { DoorPorts } from '../remediation/open-door.ts';
import type { Faults } from '../remediation/ports.ts';
import type { Service } from '../service/service.ts';
import type { Traffic } from '../traffic/ports.ts';
import { sweepFaultNotices, sweepLight, sweepNodes, sweepRemediations } from './sweep-nodes.ts';
import { sweepNotices, sweepReceived, sweepRun } from './sweep-releases.ts';
import { sweepFleet, sweepImages, sweepWeights } from './sweep-resources.ts';

export interface SweepPorts extends AdmitPorts, DrainPorts, DoorPorts {
  readonly catalog: Catalog;
  readonly groups: Groups;
  readonly slots: Slots;
  readonly nodes: Nodes;
  readonly faults: Faults;
  readonly checks: InstanceChecks;
  readonly traffic: Traffic;
  readonly images: Pick<Images, 'list' | 'remove'>;
  readonly snapshots: Pick<Snapshots, 'list' | 'remove'>;
}

export interface SweepAction {
  readonly kind: string;
  readonly service: string;
  readonly why: string;
}

export interface SweepAnswer {
  /** What was done, in one line for the log. */
  readonly why: string;
  readonly actions: SweepAction[];
}

/** One service at one instant. */
export interface Swept {
  readonly service: Service;
  readonly now: number;
  /** Every release there ever was, read once a sweep: they pile up, and whoever acts on one reads it again. */
  readonly releases: () => Promise<readonly ReleaseRecord[]>;
}

/** Releases come first: what a new execution does next may own what the later duties find. */
const DUTIES: readonly Duty[] = [
  { name: 'the release in flight', run: sweepRun },
  { name: 'received releases', run: sweepReceived },
  { name: 'notices', run: sweepNotices },
  { name: 'weights', run: sweepWeights },
  { name: 'groups without a healthy node', run: sweepLight },
  { name: 'failed nodes', run: sweepNodes },
  { name: 'remediations', run: sweepRemediations },
  { name: 'notices of faults', run: sweepFaultNotices },
  { name: 'the fleet', run: sweepFleet },
  { name: 'images', run: sweepImages },
];

interface Duty {
  readonly name: string;
  readonly run: (ports: SweepPorts, swept: Swept) => Promise<readonly SweepAction[]>;
}

/**
 * Desired against actual, for every service. Nothing one service or one duty fails at keeps the others from being done;
 * the failure is told as an action, and the next minute tries again.
 */
export async function sweep(ports: SweepPorts, input: { readonly time: number }): Promise<SweepAnswer> {
  const actions: SweepAction[] = [];
  for (const name of await ports.catalog.names()) {
    const about: About = {
      name,
      now: input.time,
      service: once(() => ports.catalog.find(name)),
      releases: once(() => ports.records.releases(name)),
    };
    for (const duty of DUTIES) actions.push(...(await attempt(ports, duty, about)));
  }
  return { why: say(actions), actions };
}

/** EventBridge reads no answer: what failed must leave the function as a failure, or no alarm ever hears of it. */
export function insistOnAll(answer: SweepAnswer): SweepAnswer {
  const failed = answer.actions.filter(({ kind }) => kind === 'failed').length;
  if (failed > 0) throw sweepIncomplete(failed, answer.why);
  return answer;
}

const MOST_TOLD = 20;

function say(actions: readonly SweepAction[]): string {
  if (actions.length === 0) return 'nothing was wrong';
  const told = actions.slice(0, MOST_TOLD).map(({ kind, service, why }) => `${kind} ${service}: ${why}`);
  const more = actions.length - told.length;
  return told.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function once<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let found: Promise<Value> | undefined;
  return () => (found ??= read());
}

/** What a sweep reads of a service, once, and only when a duty asks. */
interface About extends Omit<Swept, 'service'> {
  readonly name: string;
  readonly service: () => Promise<Service | undefined>;
}

async function attempt(ports: SweepPorts, duty: Duty, { name, now, releases, ...about }: About): Promise<readonly SweepAction[]> {
  try {
    const service = await about.service();
    return service ? await duty.run(ports, { service, now, releases }) : [];
  } catch (error) {
    const why = `${duty.name}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
    return [{ kind: 'failed', service: name, why }];
  }
}
