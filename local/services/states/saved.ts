/** Executions, as a state file keeps them. Machines are declared again. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { AwsError } from '../../kernel/aws-error.ts';
import { Execution } from './execution.ts';
import type { ExecutionParts } from './execution.ts';
import type { DeclaredMachine } from './machine.ts';
import { parseInput } from './start-rules.ts';
import type { StatesStore } from './store.ts';

export const SAVED_EXECUTIONS = 1000;
/** The newest; a history is most of an execution's size. */
export const SAVED_HISTORIES = 100;

/** Written by this service and only shown: what is looked at is that it is an event at all. */
const historyEvent = z
  .custom<HistoryEvent>(
    (value) => z.looseObject({ timestamp: z.iso.datetime(), type: z.string(), id: z.number() }).safeParse(value).success,
  )
  .transform((event): HistoryEvent => ({ ...event, timestamp: new Date(event.timestamp ?? 0) }));

const execution = z.object({
  arn: z.string(),
  name: z.string(),
  input: z.string(),
  machineArn: z.string(),
  startedAt: z.number(),
  end: z
    .object({
      status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
      at: z.number(),
      output: z.string().optional(),
      error: z.string().optional(),
      cause: z.string().optional(),
    })
    .optional(),
  events: z.array(historyEvent),
});
const savedExecutions = z.array(execution);

/** Oldest first. Those that run are kept whatever their age. */
export function saveExecutions(store: StatesStore) {
  const all = store.executions;
  const [withHistory, kept] = [new Set(all.slice(-SAVED_HISTORIES)), new Set(all.slice(-SAVED_EXECUTIONS))];
  return all
    .filter((one) => one.end === undefined || kept.has(one))
    .map((one) => ({
      arn: one.arn,
      name: one.name,
      input: one.input,
      machineArn: one.machine.arn,
      startedAt: one.startedAt,
      end: one.end,
      events: withHistory.has(one) ? one.history.events : [],
    }));
}

/** Answers those that had not ended. Executions of machines that are not declared any more are dropped. */
export function loadExecutions(store: StatesStore, parts: ExecutionParts, saved: unknown): readonly Execution[] {
  const interrupted: Execution[] = [];
  for (const { machineArn, startedAt, end, events, ...start } of savedExecutions.parse(saved)) {
    const machine = findMachine(store, machineArn);
    if (machine === undefined) continue;
    const restored = new Execution(parts, machine, { ...start, parsed: parseInput(start.input) }, { startedAt, end, events });
    store.restore(restored);
    if (end === undefined) interrupted.push(restored);
  }
  return interrupted;
}

function findMachine(store: StatesStore, arn: string): DeclaredMachine | undefined {
  try {
    return store.machine(arn);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}
