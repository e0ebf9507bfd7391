/** Who may raise an alarm in a day: the ledger, parts of it, and the rules people use without one. */
import { escalate } from '../../core/faults/escalate.ts';
import type { Fault } from '../../core/faults/fault.ts';
import { addFault, advance } from '../../core/faults/ledger/keep-ledger.ts';
import { poissonTail } from '../../core/judgement/sequential/distributions.ts';
import { exposureFor, midnight, MINUTE_MS, type Scenario } from './simulate.ts';

/** Minute of the first alarm of each kind. */
export interface Day {
  readonly release?: number;
  readonly environment?: number;
  readonly threeInTen?: number;
  readonly budget?: number;
}

export function watch(scenario: Scenario, faults: readonly Fault[]): Day {
  return { ...watchLedger(scenario, faults), ...watchRules(faults) };
}

function watchLedger(scenario: Scenario, faults: readonly Fault[]): Pick<Day, 'release' | 'environment'> {
  let ledger = midnight(scenario);
  let [release, environment]: (number | undefined)[] = [];
  for (const fault of faults) {
    const minute = fault.at / MINUTE_MS;
    const now = Math.max(fault.at, ledger.at);
    ledger = addFault(advance(ledger, exposureFor(scenario, (now - ledger.at) / MINUTE_MS), now), fault);
    const { kind } = escalate(ledger, fault, now);
    if (kind === 'roll-back') release ??= minute;
    if (kind === 'page') environment ??= minute;
  }
  return { ...(release !== undefined && { release }), ...(environment !== undefined && { environment }) };
}

/** Three nodes within ten minutes; and more in the day than 99 of 100 such days have. */
function watchRules(faults: readonly Fault[]): Pick<Day, 'threeInTen' | 'budget'> {
  const minutes = faults.map(({ at }) => at / MINUTE_MS);
  const threeInTen = minutes.find((minute, index) => minute - (minutes[index - 2] ?? -Infinity) <= 10);
  const budget = minutes.find((_, index) => poissonTail(index + 1, EXPECTED) < 0.01);
  return { ...(threeInTen !== undefined && { threeInTen }), ...(budget !== undefined && { budget }) };
}

/** In a day, of 200 nodes, with the ledger's own allowance of half as many again. */
const EXPECTED = (1.5 * 200 * 24) / 1000;
