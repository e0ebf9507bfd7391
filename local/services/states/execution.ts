import type { ExecutionStatus, HistoryEvent } from '@aws-sdk/client-sfn';
import type { World } from '../../kernel/world.ts';
import type { Integrations } from './integrations/integration.ts';
import type { Expressions } from './language/expressions.ts';
import type { Json } from './language/json.ts';
import { asStateError, TIMEOUT } from './language/state-error.ts';
import type { DeclaredMachine } from './machine.ts';
import { runBranch } from './run/branch.ts';
import { History } from './run/history.ts';
import type { EventDetails } from './run/history.ts';
import type { Frame, Run } from './run/run.ts';
import { tell } from './run/run.ts';
import { Ended, Scope } from './run/scope.ts';
import { Variables } from './run/variables.ts';

/** How an execution ended. */
export interface ExecutionEnd {
  readonly status: Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>;
  readonly at: number;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

export interface ExecutionParts {
  readonly world: World;
  readonly expressions: Expressions;
  readonly integrations: Integrations;
  readonly speed: number;
}

/** What a run of the account before this one left of an execution. */
export interface ExecutionPast {
  readonly startedAt: number;
  readonly end: ExecutionEnd | undefined;
  readonly events: readonly HistoryEvent[];
}

export interface ExecutionStart {
  readonly arn: string;
  readonly name: string;
  /** As it was given: text. */
  readonly input: string;
  readonly parsed: Json;
}

/** One execution: it keeps the definition it was started with. */
export class Execution {
  readonly arn: string;
  readonly name: string;
  readonly input: string;
  readonly machine: DeclaredMachine;
  readonly startedAt: number;
  readonly history: History;
  readonly #run: Run;
  readonly #scope = new Scope();
  readonly #listeners: ((execution: Execution) => void)[] = [];
  #end: ExecutionEnd | undefined;

  constructor(parts: ExecutionParts, machine: DeclaredMachine, start: ExecutionStart, past?: ExecutionPast) {
    const { world } = parts;
    this.arn = start.arn;
    this.name = start.name;
    this.input = start.input;
    this.machine = machine;
    this.startedAt = past?.startedAt ?? world.time.now();
    this.history = new History(() => world.time.now(), past?.events);
    this.#end = past?.end;
    const facts = {
      arn: start.arn,
      name: start.name,
      input: start.parsed,
      startedAt: this.startedAt,
      roleArn: machine.roleArn,
      machineArn: machine.arn,
      machineName: machine.name,
    };
    this.#run = {
      ...parts,
      facts,
      history: this.history,
      branch: (branch, input, frame) => runBranch(this.#run, branch, input, frame),
    };
  }

  get status(): ExecutionStatus {
    return this.#end?.status ?? 'RUNNING';
  }

  get end(): ExecutionEnd | undefined {
    return this.#end;
  }

  /** Calls back when the execution has ended; at once if it has. */
  onEnd(listener: (execution: Execution) => void): void {
    if (this.#end === undefined) this.#listeners.push(listener);
    else listener(this);
  }

  /** Records the start; the states begin as the timetable's next work. */
  begin(): void {
    const { world, facts } = this.#run;
    const executionStartedEventDetails = { input: this.input, inputDetails: { truncated: false }, roleArn: facts.roleArn };
    this.#last('ExecutionStarted', 0, { executionStartedEventDetails });
    world.time.after(0, `states/${this.name} begins`, () => this.#follow());
  }

  /** As StopExecution. An execution that has ended stays as it ended. */
  stop(error: string | undefined, cause: string | undefined): void {
    this.#endAs({ status: 'ABORTED', error, cause });
  }

  /** Ends one that ran in a run before: where its states stood is not known any more. */
  abandon(cause: string): void {
    this.#endAs({ status: 'ABORTED', error: undefined, cause });
    this.#close(0);
  }

  async #follow(): Promise<void> {
    const { world, facts } = this.#run;
    const seconds = this.machine.definition.TimeoutSeconds;
    const timeOut = () => this.#endAs({ status: 'TIMED_OUT' });
    const timer = seconds === undefined ? undefined : world.time.after(seconds * 1000, `states/${this.name} times out`, timeOut);
    const frame: Frame = { scope: this.#scope, variables: new Variables(), lastEvent: 0 };
    try {
      const output = await runBranch(this.#run, this.machine.definition, facts.input, frame);
      this.#endAs({ status: 'SUCCEEDED', output: JSON.stringify(output) });
    } catch (thrown) {
      // Where it was given up (Ended), the end is decided already and stays.
      const failure = asStateError(thrown);
      this.#endAs({ status: 'FAILED', error: failure.error, cause: failure.because });
    } finally {
      timer?.cancel();
    }
    this.#close(frame.lastEvent);
  }

  /** The first end counts. What still runs is given up; the history is closed when it has been. */
  #endAs(end: Omit<ExecutionEnd, 'at'>): void {
    if (this.#end !== undefined) return;
    this.#end = { ...end, at: this.#run.world.time.now() };
    this.#scope.cancel(new Ended(`the execution is ${end.status}`));
  }

  #close(lastEvent: number): void {
    if (this.#end === undefined) return;
    const { status, output, error, cause } = this.#end;
    if (status === 'SUCCEEDED') {
      const executionSucceededEventDetails = { output, outputDetails: { truncated: false } };
      this.#last('ExecutionSucceeded', lastEvent, { executionSucceededEventDetails });
    } else if (status === 'FAILED') {
      this.#last('ExecutionFailed', lastEvent, { executionFailedEventDetails: { error, cause } });
    } else if (status === 'TIMED_OUT') {
      // Measured on AWS: only the event has the error, DescribeExecution has none; and an end from outside follows no event.
      this.#last('ExecutionTimedOut', 0, { executionTimedOutEventDetails: { error: TIMEOUT } });
    } else {
      this.#last('ExecutionAborted', 0, { executionAbortedEventDetails: { error, cause } });
    }
    this.#announce();
  }

  /** Everybody is told, even if one of them fails: a parent waits for this. */
  #announce(): void {
    const failures: unknown[] = [];
    for (const listener of this.#listeners.splice(0)) {
      try {
        listener(this);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `the end of ${this.arn} was not taken up`);
  }

  #last(type: Parameters<History['end']>[0], previous: number, details: EventDetails): void {
    this.history.end(type, previous, details);
    tell(this.#run, type, details);
  }
}
