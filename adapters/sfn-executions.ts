import { DescribeExecutionCommand, type ExecutionStatus, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Executions, ReleaseRun, RunState } from '../core/release/ports.ts';
import { failureName } from './aws-failure.ts';

export interface Workflows {
  /** ARNs of the state machines, without a version or alias. */
  readonly release: string;
  readonly rollback: string;
}

const runName = (kind: 'release' | 'rollback', { service, version, fence }: ReleaseRun) =>
  `${kind}-${service}-${version}-${fence}`;

export class SfnExecutions implements Executions {
  private readonly client: SFNClient;
  private readonly workflows: Workflows;

  constructor(client: SFNClient, workflows: Workflows) {
    this.client = client;
    this.workflows = workflows;
  }

  startRelease(run: ReleaseRun): Promise<void> {
    const { service, version, fence } = run;
    return this.start(this.workflows.release, runName('release', run), { service, version, fence });
  }

  startRollback(run: ReleaseRun, why: string): Promise<void> {
    const { service, version, fence } = run;
    return this.start(this.workflows.rollback, runName('rollback', run), { service, version, fence, why });
  }

  releaseState(run: ReleaseRun): Promise<RunState> {
    return this.state(this.workflows.release, runName('release', run));
  }

  rollbackState(run: ReleaseRun): Promise<RunState> {
    return this.state(this.workflows.rollback, runName('rollback', run));
  }

  /**
   * While an execution of that name runs, the same input answers it again and another input ExecutionAlreadyExists;
   * once it is closed, any start of that name is ExecutionAlreadyExists, for 90 days.
   */
  private async start(stateMachineArn: string, name: string, input: unknown): Promise<void> {
    try {
      await this.client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
    } catch (cause) {
      if (failureName(cause) !== 'ExecutionAlreadyExists') throw cause;
    }
  }

  private async state(stateMachineArn: string, name: string): Promise<RunState> {
    try {
      const executionArn = toExecutionArn(stateMachineArn, name);
      const { status } = await this.client.send(new DescribeExecutionCommand({ executionArn }));
      return toRunState(status);
    } catch (cause) {
      if (failureName(cause) === 'ExecutionDoesNotExist') return 'none';
      throw cause;
    }
  }
}

export const toExecutionArn = (stateMachineArn: string, name: string) =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** PENDING_REDRIVE belongs to executions that will go on. */
export function toRunState(status: ExecutionStatus | undefined): RunState {
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return 'running';
  return status === 'SUCCEEDED' ? 'succeeded' : 'failed';
}
