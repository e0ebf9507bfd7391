/** What a watch has told is added to what is remembered of its service. However often it is told, it is remembered once. */
import { isNamed, recordConflict } from '../errors.ts';
import { exposureOf } from '../faults/ledger/exposure.ts';
import { beginOf, learnSeason, noHistory, type News, type ServiceHistory } from './history.ts';
import { isItsOwn } from '../faults/fault.ts';
import type { NodesPorts } from './look-at-nodes.ts';
import type { CellGroup, JudgementRecord } from './judgement.ts';
import type { Histories } from './ports.ts';
import { seasonOf } from './season.ts';

export type RememberPorts = Pick<NodesPorts, 'slots' | 'faults'> & { readonly histories: Histories };

export interface OverWatch {
  readonly record: JudgementRecord;
  readonly reference: CellGroup;
  readonly isPassed: boolean;
  readonly now: number;
}

const ATTEMPTS = 5;

export async function rememberWatch(ports: RememberPorts, over: OverWatch): Promise<void> {
  const { record, reference } = over;
  const { service } = record;
  for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
    const known = (await ports.histories.find(service, reference.build)) ?? noHistory(service, reference.build);
    const learnt = learnSeason(known, await newsOf(ports, known, over));
    if (JSON.stringify(learnt) === JSON.stringify(known)) return;
    try {
      await ports.histories.put(learnt);
      return;
    } catch (error) {
      if (!isNamed(error, 'RecordConflict')) throw error;
    }
  }
  throw recordConflict(`the history of "${service}"`);
}

/** What came before is of releases that nobody runs any more. */
const LONGEST_MS = 30 * 86_400_000;

/** Of all nodes of that build and the stable release, since the watch before: a watch itself is short for a crash. */
async function newsOf(
  ports: RememberPorts,
  known: ServiceHistory,
  { record, reference, isPassed, now }: OverWatch,
): Promise<News> {
  const { version, build } = reference;
  const told = seasonOf(record);
  const from = Math.max(beginOf(known, told.id), now - LONGEST_MS);
  const isOf = (one: { readonly version: string; readonly build: string }) => one.version === version && one.build === build;
  const faults = (await ports.faults.list(record.service, from)).filter((one) => isOf(one) && isItsOwn(one.way) && one.at <= now);
  const slots = await ports.slots.list(record.service);
  const nodeHours = exposureOf(slots, from, now).reduce((sum, one) => sum + (isOf(one) ? one.hours : 0), 0);
  const season = {
    ...told,
    ...{ at: now, isPassed, isGood: false, crashes: faults.length, nodeHours: Number(nodeHours.toFixed(3)) },
  };
  return { season, stable: version, fingerprints: faults.map(({ crash }) => crash.fingerprint) };
}
