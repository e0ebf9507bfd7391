/** Slots and nodes. A slot is a place in a fleet and outlives its instances; the node is what fills it now. */
import type { FaultWay } from '../faults/fault.ts';
import type { Build, Group } from '../service/service.ts';

/**
 * recorded: written before the launch call · launched: has an instance · retiring: out of its group, to be
 * terminated after the drain · gone: terminated (the record stays for a while, for the sweep)
 */
export type SlotState = 'recorded' | 'launched' | 'retiring' | 'gone';

export interface Slot {
  /** `<group>-<fence>-<n>`: unique in the service, and the same on every retry of the plan that made it. */
  readonly id: string;
  readonly service: string;
  readonly group: Group;
  readonly build: Build;
  readonly version: string;
  readonly zone: string;
  readonly subnet: string;
  readonly imageId: string;
  /** Fence of the release (or rollback) that made the slot. */
  readonly fence: number;
  /** Grows with each instance that is put into the slot; part of the client token. */
  readonly attempt: number;
  readonly state: SlotState;
  readonly instanceId?: string;
  readonly recordedAt: number;
  /** When its instance was made: long after it was recorded, where capacity was short. */
  readonly launchedAt?: number;
  readonly retiringSince?: number;
  /** When its instance was first seen healthy; absent: it never was. */
  readonly healthyAt?: number;
  /** Its instance is the Linux form of the same release, in a unikernel's place. */
  readonly twin?: Twin;
  /** What its next is to be, should this one fail as well: what had failed here showed too late that it had come before. */
  readonly twinNext?: Twin;
  /** Instances that failed in it and are not done with, oldest first. Each has a remediation, and is that one's alone. */
  readonly condemned?: readonly Condemned[];
  /** Since when its instance is seen not serving, by whom a second look must confirm it. */
  readonly suspectedAt?: number;
  /** Instances in a row that failed before they were healthy. */
  readonly failures?: number;
  readonly revision: number;
}

export interface Twin {
  readonly imageId: string;
  readonly at: number;
  readonly why: string;
}

/** An instance that failed, from the moment its slot was taken from it until its fault is recorded and it is gone. */
export interface Condemned {
  /** `<instance id>-<attempt>` */
  readonly faultId: string;
  readonly instanceId: string;
  /** Of the instance that failed; its successor has the next. */
  readonly attempt: number;
  /** The build that failed: the slot's, or the twin's. */
  readonly build: Build;
  readonly zone: string;
  /** When it failed, as far as is known, and when that was known. */
  readonly at: number;
  readonly detectedAt: number;
  readonly way: FaultWay;
  readonly why: string;
  /** It runs, and does not serve. */
  readonly isHung: boolean;
  readonly wasHealthy: boolean;
  readonly wasInFlight: boolean;
  readonly isSampled: boolean;
  /** Number of the execution that works on it: one that died is followed by the next. */
  readonly run: number;
  /** Early evidence is saved, and its fault recorded. */
  readonly recordedAt?: number;
  readonly terminatedAt?: number;
  /** Of the successor. */
  readonly launchedAt?: number;
  readonly healthyAt?: number;
}

export type NodeState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

/** An instance that bears our tags, as EC2 tells it. */
export interface Node {
  readonly instanceId: string;
  readonly state: NodeState;
  readonly stateReason?: string;
  readonly address?: string;
  readonly launchedAt: number;
  readonly service: string;
  readonly version: string;
  readonly build: Build;
  readonly group: Group;
  readonly slot: string;
}

export type HealthState = 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable';

export interface NodeHealth {
  readonly instanceId: string;
  readonly state: HealthState;
  /** In the load balancer's words, and the name it has for it: `Target.Timeout`. */
  readonly reason?: string;
  readonly code?: string;
}

/**
 * EC2 client token of a slot's instance: the same for every retry of one attempt, ASCII, at most 64 characters. Asked for
 * elsewhere (another zone or type) it is another request, and has another token.
 */
export const launchToken = (slot: Pick<Slot, 'service' | 'id' | 'attempt'>, elsewhere = 0) =>
  `${slot.service}.${slot.id}.${slot.attempt}${elsewhere === 0 ? '' : `.${elsewhere}`}`;

/** What runs in the slot: its own build, or the Linux twin in its place. */
export const buildIn = (slot: Pick<Slot, 'build' | 'twin'>): Build => (slot.twin ? 'linux' : slot.build);
export const imageIn = (slot: Pick<Slot, 'imageId' | 'twin'>): string => slot.twin?.imageId ?? slot.imageId;

/** Instances that are a remediation's to end, and nobody else's. */
export const condemnedIn = (slots: readonly Slot[]): ReadonlySet<string> =>
  new Set(slots.flatMap(({ condemned = [] }) => condemned.map(({ instanceId }) => instanceId)));
