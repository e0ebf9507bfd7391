/** Days of a fleet before the fault ledger, and before the rules people use without one. */
import { escalate } from '../../core/faults/escalate.ts';
import { addFault } from '../../core/faults/ledger/keep-ledger.ts';
import { median, type Bench, type BenchOptions, type Row } from '../bench.ts';
import { randomFrom } from '../judge/random.ts';
import { dayOf, midnight, type Scenario, SCENARIOS, toFault } from './simulate.ts';
import { type Day, watch } from './watchers.ts';

const RUNS = 300;

interface Alarm {
  readonly share: number;
  /** Minutes from the onset. */
  readonly after: number;
}

function alarmOf(days: readonly Day[], kind: keyof Day, onset: number): Alarm {
  const found = days.flatMap((day) => day[kind] ?? []).filter((minute) => minute >= onset);
  return { share: found.length / days.length, after: median(found.map((minute) => minute - onset)) };
}

const say = ({ share, after }: Alarm) => (share === 0 ? '0' : `${share.toFixed(2)} (${Math.round(after)})`);

const seedOf = (campaign: number, index: number, run: number) => (campaign * 1_000 + index) * 1_000_003 + run;

function tryScenario(scenario: Scenario, index: number, { runs = RUNS, campaign = 1 }: BenchOptions): Row {
  const days = Array.from({ length: runs }, (_, run) => watch(scenario, dayOf(scenario, seedOf(campaign, index, run))));
  const of = (kind: keyof Day) => alarmOf(days, kind, scenario.onset);
  const [release, environment, threeInTen, budget] = [of('release'), of('environment'), of('threeInTen'), of('budget')];
  const cells = [
    `release ${say(release)}`,
    `page ${say(environment)}`,
    `3 in 10 min ${say(threeInTen)}`,
    `budget ${say(budget)}`,
  ];
  const isFound = scenario.truth === 'release' && release.share > 0 && budget.share > 0;
  return {
    what: `${scenario.name} (${scenario.truth})`,
    value: cells.join(', '),
    ...(isFound && { ratio: release.after / budget.after }),
  };
}

/** Of a ledger as full as it gets, when everything fails at once. */
function measureCall(): Row {
  const [scenario] = SCENARIOS;
  const random = randomFrom(1);
  const strike = () => ({ minute: 720 + random.next() * 5, node: random.below(200), print: random.next() < 0.5 ? 'new' : '' });
  const faults = Array.from({ length: 160 }, (_, index) => toFault(scenario!, strike(), index));
  let ledger = midnight(scenario!);
  const times = faults.map((fault) => {
    const since = performance.now();
    ledger = addFault(ledger, fault);
    escalate(ledger, fault, fault.at);
    return performance.now() - since;
  });
  const kib = JSON.stringify(ledger).length / 1024;
  const slowest = Math.max(...times.slice(-20));
  return {
    what: '160 nodes in 5 minutes',
    value: `${slowest.toFixed(0)} ms a fault when the ledger is full, which is ${kib.toFixed(0)} KiB`,
  };
}

export const ledger: Bench = {
  name: 'ledger',
  summary: `share of days of 200 nodes with an alarm (median minutes after the onset)`,
  yardstick: 'the delay of a daily budget of faults (99 %)',
  run: (options = {}) => Promise.resolve([...SCENARIOS.map((one, index) => tryScenario(one, index, options)), measureCall()]),
};
