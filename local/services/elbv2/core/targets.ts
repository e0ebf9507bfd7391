import type { Instances } from '../../../kernel/ports.ts';
import type { Entry, World } from '../../../kernel/world.ts';
import { invalid, noSuchInstance, notRunning, tooManyTargets } from './errors.ts';
import { afterProbe, CHECKING, REGISTERING } from './health.ts';
import { targetKey } from './model.ts';
import type { HealthCheck, ProbeResult, Target, TargetGroup } from './model.ts';
import type { ElbState } from './state.ts';

const MAX_TARGETS = 1_000;
const REGISTRATION_MS = { least: 1_000, most: 3_000 } as const;

/** One health check of one address. Never throws. */
export type Probe = (address: string, port: number, check: HealthCheck) => Promise<ProbeResult>;

export interface TargetId {
  readonly Id?: string;
  readonly Port?: number;
}

/** Membership: registers, checks, drains and removes. One entry on the timetable for each target, whatever it waits for. */
export class Targets {
  readonly #world: World;
  readonly #state: ElbState;
  readonly #ports: { readonly instances: Instances; readonly probe: Probe };
  readonly #entries = new Map<Target, Entry>();
  /** Told of every target that leaves its group, so that its connections can be closed. */
  onRemoved: (group: TargetGroup, target: Target) => void = () => undefined;
  onHealth: (group: TargetGroup, target: Target) => void = () => undefined;
  #isStopped = false;

  constructor(world: World, state: ElbState, ports: { readonly instances: Instances; readonly probe: Probe }) {
    this.#world = world;
    this.#state = state;
    this.#ports = ports;
  }

  register(group: TargetGroup, ids: readonly TargetId[]): void {
    const wanted = ids.map((id) => this.#identify(group, id));
    const isUnknown = ({ instanceId }: { instanceId: string }): boolean => this.#ports.instances.find(instanceId) === undefined;
    const unknown = wanted.filter(isUnknown).map(({ instanceId }) => instanceId);
    if (unknown.length > 0) throw noSuchInstance(unknown);
    const idle = wanted.filter(({ instanceId }) => this.#ports.instances.find(instanceId)?.state !== 'running');
    if (idle.length > 0) throw notRunning(idle.map(({ instanceId }) => instanceId));
    const fresh = wanted.filter(({ key }) => !group.targets.has(key));
    if (group.targets.size + fresh.length > MAX_TARGETS) throw tooManyTargets(group.arn, MAX_TARGETS);
    for (const { key, instanceId, port } of wanted) this.#add(group, key, { instanceId, port });
  }

  deregister(group: TargetGroup, ids: readonly TargetId[]): void {
    const wanted = ids.flatMap((id) => this.#matching(group, id));
    for (const target of wanted) this.#drain(group, target);
  }

  stop(): void {
    this.#isStopped = true;
    for (const entry of this.#entries.values()) entry.cancel();
    this.#entries.clear();
  }

  #identify(group: TargetGroup, { Id = '', Port = group.port }: TargetId) {
    if (!/^i-[0-9a-f]{8,17}$/.test(Id)) throw invalid(`Instance ID '${Id}' is not valid`);
    if (!(Port >= 1 && Port <= 65_535)) throw invalid(`Port '${Port}' of target '${Id}' must be between 1 and 65535`);
    return { key: targetKey(Id, Port), instanceId: Id, port: Port };
  }

  /** By id alone (every port of it) or by id and port. Of what is not registered there is nothing to do, which is success. */
  #matching(group: TargetGroup, { Id, Port }: TargetId): readonly Target[] {
    return [...group.targets.values()].filter(
      ({ instanceId, port }) => instanceId === Id && (Port === undefined || Port === port),
    );
  }

  /** Registering again is success; one that drains comes back. */
  #add(group: TargetGroup, key: string, { instanceId, port }: { instanceId: string; port: number }): void {
    const known = group.targets.get(key);
    if (known && known.drainsUntil === undefined) return;
    const target: Target = { instanceId, port, registeredAt: this.#world.time.now(), health: REGISTERING };
    if (known) this.#cancel(known);
    group.targets.set(key, target);
    this.#trace(group, target, 'registered');
    this.#begin(group, target);
  }

  /** Takes up the membership of a run before where it stood. */
  restore(group: TargetGroup, target: Target): void {
    group.targets.set(targetKey(target.instanceId, target.port), target);
    if (target.drainsUntil !== undefined) this.#removeAfter(group, target, target.drainsUntil - this.#world.time.now());
    else this.#begin(group, target);
  }

  #begin(group: TargetGroup, target: Target): void {
    const { instanceId } = target;
    const delay = REGISTRATION_MS.least + this.#world.random.below(REGISTRATION_MS.most - REGISTRATION_MS.least);
    this.#schedule(target, delay, `elbv2 registers ${instanceId}`, () => {
      if (target.health.state === 'registering') target.health = CHECKING;
      return this.#check(group, target);
    });
  }

  /** ELB shows a target as draining for the whole delay, also if its last request ends before. */
  #drain(group: TargetGroup, target: Target): void {
    if (target.drainsUntil !== undefined) return;
    const delay = Number(group.attributes['deregistration_delay.timeout_seconds'] ?? 300) * 1000;
    target.drainsUntil = this.#world.time.now() + delay;
    this.#trace(group, target, 'draining');
    this.onHealth(group, target);
    this.#removeAfter(group, target, delay);
  }

  #removeAfter(group: TargetGroup, target: Target, delay: number): void {
    this.#schedule(target, delay, `elbv2 has drained ${target.instanceId}`, () => this.#remove(group, target));
  }

  #remove(group: TargetGroup, target: Target): void {
    this.#cancel(target);
    group.targets.delete(targetKey(target.instanceId, target.port));
    this.#trace(group, target, 'removed');
    this.onRemoved(group, target);
  }

  /** One round: what EC2 says of the instance, then a probe if there is somebody to probe; then again after the interval. */
  async #check(group: TargetGroup, target: Target): Promise<void> {
    const instance = this.#ports.instances.find(target.instanceId);
    if (instance === undefined || instance.state === 'terminated') {
      this.#remove(group, target);
      return;
    }
    const isChecked = group.check.enabled && instance.state !== 'stopped' && this.#state.ownerOf(group.arn) !== undefined;
    const interval = group.check.intervalSeconds * 1000;
    const next = this.#world.time.now() + interval;
    if (isChecked) await this.#probe(group, target, instance.privateIpAddress);
    else this.#setHealth(group, target, group.check.enabled ? CHECKING : { state: 'healthy', streak: 0 });
    if (target.drainsUntil !== undefined || group.targets.get(targetKey(target.instanceId, target.port)) !== target) return;
    const wait = Math.max(0, next - this.#world.time.now());
    this.#schedule(target, wait, `elbv2 checks ${target.instanceId}`, () => this.#check(group, target));
  }

  async #probe(group: TargetGroup, target: Target, address: string): Promise<void> {
    const port = group.check.port === 'traffic-port' ? target.port : group.check.port;
    const result = await this.#ports.probe(address, port, group.check);
    if (this.#isStopped) return;
    this.#setHealth(group, target, afterProbe(target.health, result, group.check));
  }

  #setHealth(group: TargetGroup, target: Target, health: Target['health']): void {
    const before = target.health.state;
    target.health = health;
    if (before === health.state) return;
    if (health.state === 'healthy') target.healthySince = this.#world.time.now();
    this.#trace(group, target, health.state, health.failure?.reason);
    this.onHealth(group, target);
  }

  #schedule(target: Target, delay: number, label: string, run: () => void | Promise<void>): void {
    this.#cancel(target);
    if (!this.#isStopped) this.#entries.set(target, this.#world.time.after(delay, label, run));
  }

  #cancel(target: Target): void {
    this.#entries.get(target)?.cancel();
    this.#entries.delete(target);
  }

  #trace(group: TargetGroup, { instanceId, port }: Target, kind: string, why?: string): void {
    this.#world.trace.add('elbv2', `target ${kind}`, { group: group.name, target: instanceId, port, ...(why && { why }) });
  }
}
