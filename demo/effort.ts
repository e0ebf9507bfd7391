/** What a release cost in Step Functions transitions and Lambda calls, counted from the executions' histories. */
import { paginateGetExecutionHistory, paginateListExecutions, paginateListStateMachines } from '@aws-sdk/client-sfn';
import type { Account } from './account.ts';

export interface Effort {
  readonly executions: number;
  /** States entered: what AWS bills as state transitions, retries not counted. */
  readonly transitions: number;
  readonly lambdaCalls: number;
}

interface Found {
  readonly arn: string;
  readonly startedAt: number;
  readonly stoppedAt: number;
}

async function executions(account: Account): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const machines of paginateListStateMachines({ client: account.sfn }, {})) {
    for (const machine of machines.stateMachines ?? []) {
      for await (const page of paginateListExecutions({ client: account.sfn }, { stateMachineArn: machine.stateMachineArn })) {
        for (const one of page.executions ?? []) {
          found.push({
            arn: one.executionArn ?? '',
            startedAt: one.startDate?.getTime() ?? 0,
            stoppedAt: one.stopDate?.getTime() ?? Infinity,
          });
        }
      }
    }
  }
  return found;
}

/** Effort of everything that ran between two instants of account time. One release runs at a time in the demo. */
export async function measureEffort(account: Account, from: number, to: number): Promise<Effort> {
  const mine = (await executions(account)).filter((one) => one.startedAt >= from && one.startedAt <= to);
  let transitions = 0;
  let lambdaCalls = 0;
  for (const { arn } of mine) {
    for await (const page of paginateGetExecutionHistory(
      { client: account.sfn },
      { executionArn: arn, includeExecutionData: false },
    )) {
      for (const event of page.events ?? []) {
        if (event.type?.endsWith('StateEntered')) transitions += 1;
        if (event.type === 'TaskScheduled' && event.taskScheduledEventDetails?.resourceType === 'lambda') lambdaCalls += 1;
      }
    }
  }
  return { executions: mine.length, transitions, lambdaCalls };
}
