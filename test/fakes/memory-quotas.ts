import type { Quotas, Room } from '../../core/fleet/ports.ts';

const STANDARD = { name: 'Running On-Demand Standard instances', builds: ['linux', 'unikernel'] } as const;

/** An account with more room than any test needs, until it is told otherwise. */
export class MemoryQuotas implements Quotas {
  answer: Room = {
    vcpus: { kind: 'known', perNode: { linux: 2, unikernel: 2 }, quotas: [{ ...STANDARD, limit: 100_000, usedByOthers: 0 }] },
    targets: { kind: 'known', name: 'Targets per Application Load Balancer', limit: 100_000 },
  };

  async room(): Promise<Room> {
    return this.answer;
  }

  /** vCPUs the account may run, and those that others run. */
  allow(limit: number, usedByOthers = 0): void {
    const perNode = { linux: 2, unikernel: 2 };
    const vcpus = { kind: 'known', perNode, quotas: [{ ...STANDARD, limit, usedByOthers }] } as const;
    this.answer = { ...this.answer, vcpus };
  }
}
