/** What judging a day costs: 4 nodes against 4, minute by minute, the state written and read between two looks. */
import { feedInterval, type Past } from '../../core/judgement/trace/feed-trace.ts';
import { planTrace } from '../../core/judgement/trace/plan-trace.ts';
import { lookAt } from '../../core/judgement/sequential/look.ts';
import { type JudgeState, NEW_STATE } from '../../core/judgement/sequential/state.ts';
import type { Trace } from '../../core/judgement/trace/trace.ts';
import { median } from '../bench.ts';
import { kayenta } from './kayenta.ts';
import { SCENARIOS } from './scenario.ts';
import { simulate } from './simulate.ts';

const MINUTES = 1440;

export interface Cost {
  readonly stateBytes: number;
  readonly callMs: number;
  readonly slowestCallMs: number;
  /** One judgement of the whole day by Kayenta's rule. */
  readonly kayentaMs: number;
}

/** A day made of hours: intervals of a simulated hour, one after the other. */
export function dayOf(seed: number): Trace {
  const scenario = SCENARIOS.find(({ name }) => name === 'stationary');
  if (scenario === undefined) throw new Error('there is no scenario without a change');
  const { trace } = simulate(scenario, seed);
  const data = Array.from({ length: MINUTES }, (_, index) => ({ ...trace.data[index % trace.data.length]!, t: index * 60 }));
  return { ...trace, intervalSeconds: 60, intervals: MINUTES, data };
}

export function costOfADay(now: () => number): Cost {
  const trace = dayOf(1);
  const plan = planTrace(trace);
  const times: number[] = [];
  let written = JSON.stringify(NEW_STATE);
  let past: Past = [];
  let stateBytes = 0;
  for (const one of trace.data) {
    const fed = feedInterval(trace, plan, one, past);
    past = fed.past;
    const before = now();
    const state = JSON.parse(written) as JudgeState;
    written = JSON.stringify(lookAt(state, fed.interval, plan.policy).state);
    times.push(now() - before);
    stateBytes = Math.max(stateBytes, Buffer.byteLength(written));
  }
  const before = now();
  kayenta(trace, 1);
  return { stateBytes, callMs: median(times), slowestCallMs: Math.max(...times), kayentaMs: now() - before };
}
