/** Step Functions' own metrics of a state machine (developer guide, "monitoring with CloudWatch": execution metrics). */
import type { Dimensions, MetricSink } from '../../kernel/ports.ts';
import type { Execution } from './execution.ts';

const ENDS = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
} as const;

/** The sink finds a series by the object, so that each machine's is made once. */
const dimensionsOf = new WeakMap<object, Dimensions>();

function dimensions({ machine }: Execution): Dimensions {
  const known = dimensionsOf.get(machine) ?? { StateMachineArn: machine.arn };
  dimensionsOf.set(machine, known);
  return known;
}

export function countExecution(metrics: MetricSink, execution: Execution): void {
  const of = dimensions(execution);
  metrics.put('AWS/States', 'ExecutionsStarted', of, 1);
  execution.onEnd(({ end }) => {
    if (end === undefined) return;
    metrics.put('AWS/States', ENDS[end.status], of, 1);
    metrics.put('AWS/States', 'ExecutionTime', of, end.at - execution.startedAt);
  });
}
