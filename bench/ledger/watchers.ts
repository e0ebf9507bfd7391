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
  const first: { release?: number; environment?: number } = {};
  let ledger = midnight(scenario);
  const decide = (fault: Fault, now: number) => {
    const { kind, until, about } = escalate(ledger, fault, now);
    if (kind === 'roll-back') first.release ??= now / MINUTE_MS;
    if (kind === 'page' || about !== undefined) first.environment ??= now / MINUTE_MS;
    return until;
  };
  const held: { readonly fault: Fault; readonly until: number }[] = [];
  const release = (now: number) => {
    for (const one of held.splice(0))
      if (one.until <= now) decide(one.fault, one.until);
      else held.push(one);
  };
  for (const fault of faults) {
    const now = Math.max(fault.at, ledger.at);
    release(now);
    ledger = addFault(advance(ledger, exposureFor(scenario, (now - ledger.at) / MINUTE_MS), now), fault);
    const until = decide(fault, now);
    if (until !== undefined) held.push({ fault, until });
  }
  release(Infinity);
  return first;
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
