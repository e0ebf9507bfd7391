import type { BusEvent } from '../../kernel/ports.ts';
import type { Execution } from './execution.ts';
import { bytesOf } from './language/json.ts';

/** Above this an event would not fit EventBridge; AWS leaves the data out and says so. */
const EVENT_DATA_BYTES = 248 * 1024;

/** "Step Functions Execution Status Change", as AWS puts it on the default bus when an execution starts and when it ends. */
export function statusEvent(execution: Execution): BusEvent {
  const { end } = execution;
  const included = bytesOf(execution.input) + bytesOf(end?.output ?? '') <= EVENT_DATA_BYTES;
  return {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [execution.arn],
    detail: {
      executionArn: execution.arn,
      stateMachineArn: execution.machine.arn,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      name: execution.name,
      status: execution.status,
      startDate: execution.startedAt,
      stopDate: end?.at ?? null,
      input: included ? execution.input : null,
      inputDetails: { included },
      output: included ? (end?.output ?? null) : null,
      outputDetails: end?.output === undefined ? null : { included },
      error: end?.error ?? null,
      cause: end?.cause ?? null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'The local Step Functions redrives nothing.',
    },
  };
}
