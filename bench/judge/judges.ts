/** Everybody who judges the same traces. */
import { judgeTrace } from '../../core/judgement/trace/judge-trace.ts';
import type { Trace } from '../../core/judgement/trace/trace.ts';
import { kayenta } from './kayenta.ts';
import type { End } from './series.ts';
import { argo, DOCUMENTED, flagger, peek, tuned } from './thresholds.ts';

export interface Judge {
  readonly name: string;
  readonly judge: (trace: Trace) => End & { readonly quarantined?: boolean };
}

export const TANDEM = 'Tandem';

export const JUDGES: readonly Judge[] = [
  { name: TANDEM, judge: tandem },
  { name: 'Kayenta, defaults', judge: (trace) => kayenta(trace, 1) },
  { name: 'Kayenta, effect ≥ 1.10', judge: (trace) => kayenta(trace, 1.1) },
  { name: 'Flagger, documented', judge: (trace) => flagger(trace, DOCUMENTED) },
  { name: 'Flagger, tuned', judge: (trace) => flagger(trace, tuned(trace)) },
  { name: 'Argo, documented', judge: (trace) => argo(trace, DOCUMENTED) },
  { name: 'Argo, tuned', judge: (trace) => argo(trace, tuned(trace)) },
  { name: 'z-test every interval', judge: peek },
];

function tandem(trace: Trace): End & { readonly quarantined: boolean } {
  const verdicts = judgeTrace(trace);
  const failed = verdicts.findIndex(({ verdict }) => verdict === 'fail');
  const last = verdicts.at(-1);
  const kind = last === undefined || last.verdict === 'wait' ? 'inconclusive' : last.verdict;
  return { kind, intervals: failed < 0 ? verdicts.length : failed + 1, quarantined: (last?.quarantine ?? []).length > 0 };
}
