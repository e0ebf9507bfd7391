import type { Build, Group, Service } from '../service/service.ts';
import type { Node, NodeHealth, Slot } from './fleet.ts';

/** Slots, conditional like Records: a write names the revision it read, revision 0 means there must be none yet. */
export interface Slots {
  list(service: string): Promise<readonly Slot[]>;
  find(service: string, id: string): Promise<Slot | undefined>;
  /** The slot this instance fills, as it is now; which slot that is may be known some seconds late. */
  findByInstance(instanceId: string): Promise<Slot | undefined>;
  put(slot: Slot): Promise<Slot>;
}

/** launched: there is an instance · retryable: not now (capacity, throttling) · refused: asking again cannot help. */
export type LaunchOutcome =
  | { readonly kind: 'launched'; readonly instanceId: string }
  /** `isShort`: there, or of that type, EC2 has none; elsewhere it may. */
  | { readonly kind: 'retryable'; readonly why: string; readonly isShort?: boolean }
  /** `isSpent`: the token of this request stands for another, or for an instance that has ended. */
  | { readonly kind: 'refused'; readonly why: string; readonly isSpent?: boolean };

/** Another place or type than the slot's first: `number` makes the request one of its own. */
export interface Elsewhere {
  readonly number: number;
  readonly instanceType?: string;
}

/** Of a running instance: EC2's own checks failed, or EC2 has scheduled something for it. */
export interface Impairment {
  readonly instanceId: string;
  readonly kind: 'impaired' | 'scheduled';
  readonly why: string;
}

/** EC2's own checks of instances, and what it has scheduled for them. */
export interface InstanceChecks {
  impairments(instanceIds: readonly string[]): Promise<readonly Impairment[]>;
}

/** Instances of this control plane. Never answers about, or touches, one without our tags. */
export interface Nodes {
  /** One instance for the slot, tagged at creation. The slot's launch token makes repeats return the same instance. */
  launch(service: Service, slot: Slot, elsewhere?: Elsewhere): Promise<LaunchOutcome>;
  /** Every instance of the service that is not terminated, also those no record knows. May be some seconds stale. */
  list(service: string): Promise<readonly Node[]>;
  /** Those of these instances EC2 still knows: the terminated too, for about an hour, and why they ended. */
  find(service: string, instanceIds: readonly string[]): Promise<readonly Node[]>;
  /** Already terminated (or unknown) ones count as done. */
  terminate(instanceIds: readonly string[]): Promise<void>;
}

/** What instances print. */
export interface Consoles {
  /** The latest of it; undefined where there is none. A look, and nothing to wait for: it may fail. */
  console(instanceId: string): Promise<Uint8Array | undefined>;
}

/** Membership and health in the target groups. */
export interface Groups {
  health(service: Service, group: Group): Promise<readonly NodeHealth[]>;
  /** Only running instances can be registered. Registering again is success. */
  register(service: Service, group: Group, instanceIds: readonly string[]): Promise<void>;
  deregister(service: Service, group: Group, instanceIds: readonly string[]): Promise<void>;
}

/** A limit of the account in this region, under the name Service Quotas has for it. */
export interface Quota {
  readonly name: string;
  readonly limit: number;
}

export interface VcpuQuota extends Quota {
  /** Builds whose nodes count towards it. */
  readonly builds: readonly Build[];
  /** vCPUs of running instances that are no nodes of the service. */
  readonly usedByOthers: number;
}

export type Known<Facts> = ({ readonly kind: 'known' } & Facts) | { readonly kind: 'unknown'; readonly why: string };

export interface Room {
  readonly vcpus: Known<{ readonly quotas: readonly VcpuQuota[]; readonly perNode: Readonly<Record<Build, number>> }>;
  /** Targets the load balancer of the service may have. */
  readonly targets: Known<Quota>;
}

/** What the account allows. What cannot be learned is unknown, with the reason: asking never fails. */
export interface Quotas {
  room(service: Service): Promise<Room>;
}
