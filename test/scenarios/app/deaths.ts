/** One node fails in one way, at one moment: what becomes of it, of its fleet, and what is known afterwards. */
import { EARLY_PIECES, LATE_PIECES } from '../../../core/evidence/evidence.ts';
import type { VirtualBlow } from '../../../local/kernel/ports.ts';
import { Account } from './account.ts';
import type { SlotItem } from './items.ts';
import { executions, nodes, running } from './left.ts';
import { failed } from './users.ts';
import type { Users } from './users.ts';

export const WAYS = {
  'power-off': { kind: 'power-off', console: 'assertion ready failed at main.c:12\n' },
  crash: { kind: 'crash' },
  hang: { kind: 'hang' },
  sicken: { kind: 'sicken' },
  reset: { kind: 'reset' },
  terminate: 'TerminateInstances',
} as const satisfies Record<string, VirtualBlow | string>;
export type Way = keyof typeof WAYS;

export interface Moment {
  /** Of the next release; undefined: nothing is in flight. */
  readonly stage?: string;
  /** Into the stage. */
  readonly seconds: number;
  /** Of the next release, or of the stable one. */
  readonly isNew: boolean;
  readonly build: 'linux' | 'unikernel';
  readonly group: string;
}

export interface Death {
  /** The version that is stable now. */
  readonly stable: string;
  readonly fleet: readonly string[];
  readonly running: readonly string[];
  readonly ended: string;
  readonly faults: number;
  readonly told: number;
  readonly remediations: number;
  readonly replacements: number;
  /** Pieces that are neither kept nor listed as missed. */
  readonly lost: readonly string[];
  readonly crashClass: string;
  readonly why: string;
  /** Seconds from the failure. */
  readonly detected: number | undefined;
  readonly launched: number | undefined;
  readonly healthy: number | undefined;
  readonly failedRequests: number;
  readonly pages: number;
}

/** Half an hour for the evidence of a node that is off, what the sweep may take, and until it is no longer lately. */
const EVIDENCE_MINUTES = 36;

/** A service with a stable release, in which one node after the other dies. */
export class Deathbed {
  readonly #account: Account;
  readonly #users: Users;
  #stable = '1.0.0';
  #versions = 0;

  private constructor(account: Account, users: Users) {
    this.#account = account;
    this.#users = users;
  }

  /** Opened accounts stay in memory with the functions they imported: a few are opened, not one for each death. */
  static async open(): Promise<Deathbed> {
    const account = await Account.open(['shop']);
    const users = await account.users('shop', { perSecond: 4 });
    await account.released('shop', '1.0.0');
    await account.advance(1);
    return new Deathbed(account, users);
  }

  close(): Promise<void> {
    return this.#account.stop();
  }

  async die(way: Way, moment: Moment): Promise<Death> {
    const account = this.#account;
    const before = await counts(account);
    const next = `1.0.${(this.#versions += 1)}`;
    if (moment.stage !== undefined) {
      await account.upload('shop', next);
      await account.untilTold('shop', next, moment.stage);
    }
    await account.advance(moment.seconds / 60);
    const struckAt = account.now;
    const victim = await strike(account, way, { ...moment, version: moment.isNew ? next : this.#stable });
    if (moment.stage === undefined) await account.advance(4);
    else await account.untilOver('shop', next);
    await account.advance(EVIDENCE_MINUTES);
    const release = moment.stage === undefined ? undefined : await account.release('shop', next);
    if (release?.stage === 'stable') this.#stable = next;
    const found = await look(account, { victim, struckAt, before });
    const failedRequests = failed(this.#users.between(struckAt));
    const [ended, why] = [release?.stage ?? 'stable', release?.transitions.at(-1)?.why ?? ''];
    return { ...found, failedRequests, ended, why, stable: this.#stable };
  }
}

interface Counts {
  readonly faults: number;
  readonly told: number;
  readonly pages: number;
  readonly remediations: number;
}

async function counts(account: Account): Promise<Counts> {
  return {
    faults: (await account.faults('shop')).length,
    told: account.told('fault').length,
    pages: account.told('page').length,
    remediations: (await executions(account, 'tandem-remediate')).length,
  };
}

interface Struck {
  readonly victim: string;
  readonly struckAt: number;
  readonly before: Counts;
}

async function look(account: Account, { victim, struckAt, before }: Struck) {
  const now = await counts(account);
  const fault = (await account.faults('shop')).find(({ instanceId }) => instanceId === victim);
  const index = fault && (await account.evidence('shop', fault.id));
  const known = new Set([...(index?.pieces ?? []), ...(index?.missed ?? [])].map(({ name }) => name));
  const after = (at: number | undefined) => (at === undefined ? undefined : Math.round((at - struckAt) / 1000));
  return {
    fleet: await nodes(account, 'shop'),
    running: await running(account),
    faults: now.faults - before.faults,
    told: now.told - before.told,
    pages: now.pages - before.pages,
    remediations: now.remediations - before.remediations,
    replacements: (await account.slots('shop')).filter(({ attempt, launchedAt = 0 }) => attempt > 1 && launchedAt > struckAt)
      .length,
    lost: [...EARLY_PIECES, ...LATE_PIECES].filter((name) => !known.has(name)),
    crashClass: fault?.crash.crashClass ?? 'none',
    detected: after(fault?.detectedAt),
    launched: after(fault?.replacement.launchedAt),
    healthy: after(fault?.replacement.healthyAt),
  };
}

async function strike(account: Account, way: Way, moment: Moment & { readonly version: string }): Promise<string> {
  const isVictim = ({ group, version, build, state, instanceId }: SlotItem) =>
    matches(group, moment.group) &&
    version === moment.version &&
    build === moment.build &&
    state === 'launched' &&
    instanceId !== undefined;
  const victim = (await account.slots('shop')).find(isVictim)?.instanceId;
  if (victim === undefined) throw new Error(`there is no ${moment.version} ${moment.build} node in ${moment.group}`);
  const blow = WAYS[way];
  if (typeof blow === 'string') await account.call(`ec2:${blow}`, { InstanceIds: [victim] });
  else await account.strike(victim, blow);
  return victim;
}

/** Fleets are called by what they are: which of the two names they have is chance to the reader. */
const matches = (group: string, wanted: string) =>
  wanted === 'fleet' ? group === 'blue' || group === 'green' : group === wanted;
