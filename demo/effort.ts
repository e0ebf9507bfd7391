/** What a release cost in Step Functions transitions and Lambda calls, counted from the executions' histories. */
import {
  type HistoryEvent,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
} from '@aws-sdk/client-sfn';
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
}

async function executionsOf(account: Account, stateMachineArn: string | undefined): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const page of paginateListExecutions({ client: account.sfn }, { stateMachineArn })) {
    for (const one of page.executions ?? [])
      found.push({ arn: one.executionArn ?? '', startedAt: one.startDate?.getTime() ?? 0 });
  }
  return found;
}

async function executions(account: Account): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const page of paginateListStateMachines({ client: account.sfn }, {})) {
    for (const machine of page.stateMachines ?? []) found.push(...(await executionsOf(account, machine.stateMachineArn)));
  }
  return found;
}

async function historyOf(account: Account, executionArn: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  const pages = paginateGetExecutionHistory({ client: account.sfn }, { executionArn, includeExecutionData: false });
  for await (const page of pages) events.push(...(page.events ?? []));
  return events;
}

/** Effort of everything that ran between two instants of account time. One release runs at a time in the demo. */
export async function measureEffort(account: Account, from: number, to: number): Promise<Effort> {
  const mine = (await executions(account)).filter((one) => one.startedAt >= from && one.startedAt <= to);
  const events = (await Promise.all(mine.map(({ arn }) => historyOf(account, arn)))).flat();
  return {
    executions: mine.length,
    transitions: events.filter((event) => event.type?.endsWith('StateEntered')).length,
    lambdaCalls: events.filter(
      (event) => event.type === 'TaskScheduled' && event.taskScheduledEventDetails?.resourceType === 'lambda',
    ).length,
  };
}
