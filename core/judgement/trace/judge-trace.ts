/** Judges a whole trace, interval by interval: nothing is looked at before its time. */
import { type Finding, type Look, lookAt } from '../sequential/look.ts';
import { type JudgeState, NEW_STATE } from '../sequential/state.ts';
import { feedInterval, type Past } from './feed-trace.ts';
import { planTrace } from './plan-trace.ts';
import type { Trace } from './trace.ts';

export interface TraceVerdict {
  readonly t: number | string;
  readonly verdict: Look['kind'];
  readonly why: string;
  readonly reason?: string;
  readonly quarantine?: readonly string[];
  readonly tests: readonly Finding[];
}

export function judgeTrace(trace: Trace): readonly TraceVerdict[] {
  const plan = planTrace(trace);
  let state: JudgeState = NEW_STATE;
  let past: Past = [];
  return trace.data.slice(0, plan.policy.horizon).map((one): TraceVerdict => {
    const fed = feedInterval(trace, plan, one, past);
    const looked = lookAt(state, fed.interval, plan.policy);
    past = fed.past;
    state = looked.state;
    const { kind, why, reason, quarantine, findings } = looked.look;
    return {
      t: one.t,
      verdict: kind,
      why,
      ...(reason && { reason }),
      ...(quarantine.length > 0 && { quarantine }),
      tests: findings,
    };
  });
}
