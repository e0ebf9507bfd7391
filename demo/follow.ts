/** Follows a release through its record, as `aws dynamodb get-item` would show it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Account } from './account.ts';

export interface Step {
  readonly stage: string;
  /** Account time, milliseconds. */
  readonly at: number;
  readonly why: string;
}

export interface Followed {
  readonly version: string;
  readonly stage: string;
  readonly steps: readonly Step[];
}

/** Stages in which nothing more happens to a release. */
const LAST = new Set(['stable', 'refused', 'rolled-back', 'superseded']);

function readSteps(item: Record<string, unknown>): readonly Step[] {
  const transitions = item['transitions'];
  if (!Array.isArray(transitions)) return [];
  return transitions.map((value: Record<string, unknown>) => ({
    stage: String(value['stage']),
    at: Number(value['at']),
    why: String(value['why']),
  }));
}

export async function findRelease(account: Account, service: string, version: string): Promise<Followed | undefined> {
  const Key = { pk: `SERVICE#${service}`, sk: `RELEASE#${version}` };
  const { Item } = await account.table.send(new GetCommand({ TableName: account.controlPlane.table, Key, ConsistentRead: true }));
  if (!Item) return undefined;
  return { version, stage: String(Item['stage']), steps: readSteps(Item) };
}

export interface FollowOptions {
  readonly service: string;
  readonly version: string;
  /** Wall-clock milliseconds after which the demo gives up. */
  readonly patienceMs: number;
  /** Told of each transition once. */
  readonly tell: (step: Step) => void;
  /** Called at every look. */
  readonly pulse: () => Promise<void>;
  /** Transitions that were told before. */
  readonly told?: number;
  /** Ends the following early, e.g. at the stage in which to abort. */
  readonly until?: (release: Followed) => boolean;
}

/** Polls until the release has reached its last stage (or `until` holds), telling each transition once. */
export async function followRelease(account: Account, options: FollowOptions): Promise<Followed> {
  const giveUpAt = Date.now() + options.patienceMs;
  let told = options.told ?? 0;
  for (;;) {
    const release = await findRelease(account, options.service, options.version);
    for (const step of release?.steps.slice(told) ?? []) options.tell(step);
    told = release?.steps.length ?? told;
    if (release && (LAST.has(release.stage) || options.until?.(release))) return release;
    await options.pulse();
    if (Date.now() > giveUpAt) {
      throw new Error(
        `${options.service} ${options.version} is still "${release?.stage ?? 'unknown'}" after ${options.patienceMs / 1000} s`,
      );
    }
    await sleep(100);
  }
}
