import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Condemned } from '../core/fleet/fleet.ts';
import type { RemediationRun, Remediations } from '../core/remediation/ports.ts';
import type { RunState } from '../core/release/ports.ts';
import type { Service } from '../core/service/service.ts';
import { failureName } from './aws-failure.ts';
import { toRunInstances } from './ec2-nodes.ts';
import { toExecutionArn, toRunState } from './sfn-executions.ts';

export interface RemediationOptions {
  /** ARN of the state machine, without a version or alias. */
  readonly workflow: string;
  readonly stack: string;
}

/** A node that is off is kept so long for what it has to tell. */
const LATE_MS = 30 * 60_000;

const runName = ({ instanceId, attempt, run }: Condemned) => `remediate-${instanceId}-${attempt}${run === 1 ? '' : `-${run}`}`;

const iso = (at: number) => new Date(at).toISOString();

export class SfnRemediations implements Remediations {
  private readonly client: SFNClient;
  private readonly options: RemediationOptions;

  constructor(client: SFNClient, options: RemediationOptions) {
    this.client = client;
    this.options = options;
  }

  async start(run: RemediationRun, service: Service): Promise<void> {
    const { workflow: stateMachineArn, stack } = this.options;
    const input = JSON.stringify(toInput(stack, run, service));
    try {
      await this.client.send(new StartExecutionCommand({ stateMachineArn, name: runName(run.condemned), input }));
    } catch (cause) {
      if (failureName(cause) !== 'ExecutionAlreadyExists') throw cause;
    }
  }

  async state({ condemned }: Pick<RemediationRun, 'condemned'>): Promise<RunState> {
    try {
      const executionArn = toExecutionArn(this.options.workflow, runName(condemned));
      return toRunState((await this.client.send(new DescribeExecutionCommand({ executionArn }))).status);
    } catch (cause) {
      if (failureName(cause) === 'ExecutionDoesNotExist') return 'none';
      throw cause;
    }
  }
}

/** The launch call goes with it, so that nothing but the workflow itself stands between the event and the launch. */
export function toInput(stack: string, { slot, condemned }: RemediationRun, service: Service) {
  const { faultId, instanceId, build, at, detectedAt, isHung, isSampled } = condemned;
  return {
    service: slot.service,
    slot: slot.id,
    faultId,
    node: { instanceId, slot: slot.id, group: slot.group, build, version: slot.version },
    since: iso(at),
    earlyDeadline: iso(detectedAt + service.file.remediation.evidenceDeadlineSeconds * 1000),
    lateDeadline: iso(Math.max(at, detectedAt) + LATE_MS),
    isHung,
    isSampled,
    // Where there is nothing to launch, the call that comes first does nothing.
    launch: { ...toRunInstances(stack, service, slot), DryRun: slot.state !== 'recorded' },
  };
}
