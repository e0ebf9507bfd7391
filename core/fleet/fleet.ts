/** Slots and nodes. A slot is a place in a fleet and outlives its instances; the node is what fills it now. */
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
  readonly revision: number;
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
  readonly reason?: string;
}

/** EC2 client token of a slot's instance: the same for every retry of one attempt, ASCII, at most 64 characters. */
export const launchToken = (slot: Pick<Slot, 'service' | 'id' | 'attempt'>) => `${slot.service}.${slot.id}.${slot.attempt}`;
