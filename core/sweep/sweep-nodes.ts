/** The sweep's duties towards nodes: failures nobody told of, remediations that died, groups left without anybody. */
import { isNamed, unreachable } from '../errors.ts';
import type { Condemned, NodeHealth, Slot } from '../fleet/fleet.ts';
import type { Impairment } from '../fleet/ports.ts';
import { launchedAs, openDoor } from '../remediation/open-door.ts';
import { sendPages } from '../remediation/page.ts';
import { tellFault } from '../remediation/tell-fault.ts';
import { withEntry } from '../remediation/case.ts';
import type { Group, Service } from '../service/service.ts';
import { keepLit } from '../traffic/keep-lit.ts';
import type { NodeFinding } from './plan-nodes.ts';
import { planNodes } from './plan-nodes.ts';
import type { Swept, SweepAction, SweepPorts } from './sweep.ts';

/** A condemned node's execution is being started by whoever condemned it. */
const START_GRACE_MS = 30_000;
/** Evidence may have taken a minute: from its decision, its own step has this long to tell a fault. */
const TELL_GRACE_MS = 60_000;
const TOLD_WITHIN_MS = 2 * 60 * 60_000;

/** First the weights: users must not wait for what the rest takes. */
export async function sweepLight(ports: SweepPorts, { service, now }: Swept): Promise<readonly SweepAction[]> {
  const why = await keepLit(ports, service, { now });
  return why === undefined ? [] : [{ kind: 'shift-dark', service: service.file.name, why }];
}

export async function sweepNodes(ports: SweepPorts, swept: Swept): Promise<readonly SweepAction[]> {
  const { findings, unchecked } = await look(ports, swept);
  const actions: SweepAction[] =
    unchecked === undefined ? [] : [{ kind: 'failed', service: swept.service.file.name, why: unchecked }];
  let isHeld = false;
  for (const finding of findings) {
    // Where one is held for the budget all are, every minute until there is budget again.
    if (isHeld && finding.kind === 'failed') continue;
    const done = await insulate(finding.slot, () => heal(ports, swept, finding));
    isHeld ||= done.some(({ kind }) => kind === 'held-node');
    actions.push(...done);
  }
  return actions;
}

/** What one node fails at keeps no other from being healed; the next sweep tries again. */
async function insulate({ service, id }: Slot, run: () => Promise<readonly SweepAction[]>): Promise<readonly SweepAction[]> {
  try {
    return await run();
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [{ kind: 'failed', service, why: `${id}: ${why}` }];
  }
}

/** Slots are read last: an instance that was launched in between is then not taken for one that is lost. */
async function look(ports: SweepPorts, { service, now }: Swept): Promise<Seen> {
  const { name, health } = service.file;
  const nodes = await ports.nodes.list(name);
  const running = nodes.filter(({ state }) => state === 'running').map(({ instanceId }) => instanceId);
  const { impairments, unchecked } = await impairmentsOf(ports, running);
  const slots = await ports.slots.list(name);
  const known = await healthOf(ports, service, slots);
  const findings = planNodes({ slots, nodes, health: known, impairments, deadlineMs: health.deadlineSeconds * 1000, now });
  return { findings, unchecked };
}

/** What else is known of the nodes does not wait for EC2's checks of them. */
async function impairmentsOf({ checks }: SweepPorts, running: readonly string[]): Promise<Checked> {
  try {
    return { impairments: await checks.impairments(running), unchecked: undefined };
  } catch (error) {
    return { impairments: [], unchecked: `EC2's checks of nodes: ${error instanceof Error ? error.message : String(error)}` };
  }
}

interface Checked {
  readonly impairments: readonly Impairment[];
  /** Why they are not known. */
  readonly unchecked: string | undefined;
}

interface Seen extends Pick<Checked, 'unchecked'> {
  readonly findings: readonly NodeFinding[];
}

async function healthOf({ groups }: SweepPorts, service: Service, slots: readonly Slot[]) {
  const filled = new Set(slots.filter(({ state }) => state === 'launched').map(({ group }) => group));
  const health = new Map<Group, readonly NodeHealth[]>();
  for (const group of filled) health.set(group, await groups.health(service, group));
  return health;
}

async function heal(ports: SweepPorts, { service, now }: Swept, finding: NodeFinding): Promise<readonly SweepAction[]> {
  const { slot, kind } = finding;
  const say = (what: string, why: string) => [{ kind: what, service: slot.service, why: `${slot.id}: ${why}` }];
  switch (kind) {
    case 'failed': {
      const answer = await openDoor(ports, finding.sighting);
      return answer.kind === 'condemned' || answer.kind === 'held' ? say(`${answer.kind}-node`, answer.why) : [];
    }
    case 'suspect':
      await write(ports, { ...slot, suspectedAt: now });
      return [];
    case 'well': {
      const { suspectedAt: _, ...rest } = slot;
      await write(ports, rest);
      return [];
    }
    case 'healthy':
      await write(ports, { ...slot, healthyAt: now });
      return [];
    case 'register':
      await ports.groups.register(service, slot.group, slot.instanceId === undefined ? [] : [slot.instanceId]);
      return say('register-node', finding.why);
    default:
      return unreachable(finding);
  }
}

/** Somebody else wrote the slot meanwhile: the next sweep looks again. */
async function write({ slots }: SweepPorts, slot: Slot): Promise<void> {
  try {
    await slots.put(slot);
  } catch (error) {
    if (!isNamed(error, 'RecordConflict')) throw error;
  }
}

/** Condemned nodes whose execution was never started, or is dead: another takes over what is left to do. */
export async function sweepRemediations(ports: SweepPorts, { service, now }: Swept): Promise<readonly SweepAction[]> {
  const actions: SweepAction[] = [];
  for (const slot of await ports.slots.list(service.file.name)) {
    for (const condemned of slot.condemned ?? [])
      actions.push(...(await insulate(slot, () => revive(ports, { service, slot, condemned, now }))));
  }
  return actions;
}

interface Left {
  readonly service: Service;
  readonly slot: Slot;
  readonly condemned: Condemned;
  readonly now: number;
}

async function revive(ports: SweepPorts, { service, slot, condemned, now }: Left): Promise<readonly SweepAction[]> {
  const { faultId, detectedAt, run } = condemned;
  if (now - detectedAt < START_GRACE_MS) return [];
  const state = await ports.remediations.state({ condemned });
  if (state === 'running') return [];
  const pinned = launchedAs(service, await ports.records.findRelease(slot.service, slot.version));
  if (state === 'none') {
    await ports.remediations.start({ slot, condemned }, pinned);
    return [{ kind: 'start-remediation', service: slot.service, why: `the remediation of ${faultId} was not started` }];
  }
  const again = { ...condemned, run: run + 1 };
  const changed = await ports.slots.put(withEntry(slot, faultId, { run: again.run }));
  await ports.remediations.start({ slot: changed, condemned: again }, pinned);
  return [{ kind: 'restart-remediation', service: slot.service, why: `the remediation of ${faultId} ended before it was done` }];
}

export async function sweepFaultNotices(ports: SweepPorts, { service, now }: Swept): Promise<readonly SweepAction[]> {
  const { name } = service.file;
  const due = (await ports.faults.list(name, now - TOLD_WITHIN_MS)).filter(
    ({ notified, detectedAt, decidedAt = detectedAt, escalation }) =>
      !notified && escalation.kind !== 'hold' && now - decidedAt > TELL_GRACE_MS,
  );
  for (const fault of due) await tellFault(ports, fault);
  const record = await ports.kills.find(name);
  const pages = record ? await sendPages(ports, record) : 0;
  const told = due.length + pages;
  return told === 0 ? [] : [{ kind: 'notify', service: name, why: `${told} notice(s) of faults were not sent` }];
}
