/** One node fails in one way, at one moment: what becomes of it, of its fleet, and what is known afterwards. */
import { EARLY_PIECES, LATE_PIECES } from '../../../core/evidence/evidence.ts';
import type { CrashClass } from '../../../core/faults/fault.ts';
import { lastWhy } from './items.ts';
import type { SlotItem } from './items.ts';
import { executionsOf, nodes, runningOf } from './left.ts';
import type { OpenedAccount } from './opened-account.ts';

export const WAYS = ['power-off', 'crash', 'hang', 'sicken', 'reset', 'terminate'] as const;
export type Way = (typeof WAYS)[number];

/** What most kinds of machine call them; they say otherwise where theirs tell more. */
export const CLASSES: Readonly<Record<Way, CrashClass>> = {
  'power-off': 'assert',
  crash: 'unknown',
  hang: 'hang',
  sicken: 'hang',
  reset: 'reset-loop',
  terminate: 'sigterm',
};

/** A service whose nodes die, and how that is done to the kind of machine they are. */
export interface Ward {
  readonly account: OpenedAccount;
  readonly service: string;
  /** Of its unikernel fleet; one Linux node is beside it. */
  readonly nodes: number;
  /** What each way of dying is to be called. */
  readonly classes: Readonly<Record<Way, CrashClass>>;
  strike(instanceId: string, way: Way): Promise<void>;
  failedRequests(since: number): number;
}

export interface Moment {
  /** Of the next release; undefined: nothing is in flight. */
  readonly stage?: string;
  /** Into the stage. */
  readonly seconds: number;
  /** Of the next release, or of the stable one. */
  readonly isNew: boolean;
  readonly build: 'linux' | 'unikernel';
  readonly group: string;
  /** Launched since its release came: the one that it takes the place of goes at this moment, too. */
  readonly isFresh?: true;
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
  /** Why there is none, as the fault's record says. */
  readonly unreplaced: string | undefined;
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
const BOOTS_MS = 30 * 60_000;

/** A service with a stable release, in which one node after the other dies. */
export class Deathbed {
  readonly ward: Ward;
  #stable = '1.0.0';
  #versions = 0;

  private constructor(ward: Ward) {
    this.ward = ward;
  }

  static async open(ward: Ward): Promise<Deathbed> {
    const first = await ward.account.released(ward.service, '1.0.0');
    if (first.stage !== 'stable') throw new Error(`the first release of ${ward.service} is ${first.stage}: ${lastWhy(first)}`);
    await ward.account.advance(1);
    return new Deathbed(ward);
  }

  async die(way: Way, moment: Moment): Promise<Death> {
    const { account, service } = this.ward;
    const before = await counts(this.ward);
    const next = `1.0.${(this.#versions += 1)}`;
    const since = moment.isFresh ? account.now : 0;
    if (moment.stage !== undefined) {
      await account.upload(service, next);
      await account.untilTold(service, next, moment.stage);
    }
    await account.advance(moment.seconds / 60);
    const victim = await victimOf(this.ward, { ...moment, version: moment.isNew ? next : this.#stable, since });
    const struckAt = account.now;
    await this.ward.strike(victim, way);
    if (moment.stage === undefined) await account.advance(4);
    else await account.untilOver(service, next);
    await account.advance(EVIDENCE_MINUTES);
    const release = moment.stage === undefined ? undefined : await account.release(service, next);
    if (release?.stage === 'stable') this.#stable = next;
    const found = await look(this.ward, { victim, struckAt, before });
    const [ended, why] = [release?.stage ?? 'stable', release?.transitions.at(-1)?.why ?? ''];
    return { ...found, failedRequests: this.ward.failedRequests(struckAt), ended, why, stable: this.#stable };
  }
}

interface Counts {
  readonly faults: number;
  readonly told: number;
  readonly pages: number;
  readonly remediations: number;
}

async function counts({ account, service }: Ward): Promise<Counts> {
  return {
    faults: (await account.faults(service)).length,
    told: account.told('fault', service).length,
    pages: account.told('page', service).length,
    remediations: (await executionsOf(account, service, 'tandem-remediate')).length,
  };
}

interface Struck {
  readonly victim: string;
  readonly struckAt: number;
  readonly before: Counts;
}

async function look(ward: Ward, { victim, struckAt, before }: Struck) {
  const { account, service } = ward;
  const now = await counts(ward);
  const fault = (await account.faults(service)).find(({ instanceId }) => instanceId === victim);
  const index = fault && (await account.evidence(service, fault.id));
  const known = new Set([...(index?.pieces ?? []), ...(index?.missed ?? [])].map(({ name }) => name));
  const after = (at: number | undefined) => (at === undefined ? undefined : Math.round((at - struckAt) / 1000));
  return {
    fleet: await nodes(account, service),
    running: await runningOf(account, service),
    faults: now.faults - before.faults,
    told: now.told - before.told,
    pages: now.pages - before.pages,
    remediations: now.remediations - before.remediations,
    replacements: (await account.slots(service)).filter(({ attempt, launchedAt = 0 }) => attempt > 1 && launchedAt > struckAt)
      .length,
    unreplaced: fault?.replacement.none,
    lost: [...EARLY_PIECES, ...LATE_PIECES].filter((name) => !known.has(name)),
    crashClass: fault?.crash.crashClass ?? 'none',
    detected: after(fault?.detectedAt),
    launched: after(fault?.replacement.launchedAt),
    healthy: after(fault?.replacement.healthyAt),
  };
}

interface Sought extends Pick<Moment, 'group' | 'build'> {
  readonly version: string;
  readonly since: number;
}

/** Healthy: how long a boot takes is the machine's to say. One that never served has no remediation. */
async function victimOf({ account, service }: Ward, { group, version, build, since }: Sought): Promise<string> {
  const isVictim = (slot: SlotItem) =>
    matches(slot.group, group) &&
    slot.version === version &&
    slot.build === build &&
    slot.state === 'launched' &&
    (slot.launchedAt ?? 0) >= since;
  const giveUpAt = account.now + BOOTS_MS;
  while (account.now < giveUpAt) {
    const victim = (await account.slots(service)).find((slot) => isVictim(slot) && slot.healthyAt !== undefined);
    if (victim?.instanceId !== undefined) return victim.instanceId;
    await account.advance(1 / 60);
  }
  throw new Error(`there is no healthy ${version} ${build} node in ${group} of ${service}`);
}

/** Fleets are called by what they are: which of the two names they have is chance to the reader. */
const matches = (group: string, wanted: string) =>
  wanted === 'fleet' ? group === 'blue' || group === 'green' : group === wanted;
