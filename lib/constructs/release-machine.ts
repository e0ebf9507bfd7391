import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Workflow } from '../workflows/asl.ts';
import type { Callable } from '../workflows/steps.ts';
import { checkWorkflow } from '../workflows/check-workflow.ts';
import type { ContractFunction } from './contract-function.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import { allow } from './grants.ts';

export interface ReleaseMachineProps {
  readonly name: string;
  readonly definition: Workflow;
  /** Everything the definition may call: it is checked against their contracts. */
  readonly callables: readonly Callable[];
}

/** One state machine, checked at synth against what it calls. Its role may do nothing until it is granted. */
export class ReleaseMachine extends Construct implements iam.IGrantable {
  readonly grantPrincipal: iam.IPrincipal;
  readonly arn: string;
  readonly machine: sfn.StateMachine;
  private readonly stack: Stack;
  private readonly name: string;

  constructor(scope: Construct, id: string, props: ReleaseMachineProps) {
    super(scope, id);
    this.stack = Stack.of(this);
    this.name = props.name;
    const problems = checkWorkflow(props.definition, props.callables);
    if (problems.length > 0) throw new Error(`Workflow ${props.name} does not hold its contracts:\n${problems.join('\n')}`);
    const logGroup = new logs.LogGroup(this, 'Log', {
      // Step Functions cuts long names out of its log policy; AWS advises this prefix (Step Functions, "Logging").
      logGroupName: `/aws/vendedlogs/states/${props.name}`,
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.machine = new sfn.StateMachine(this, 'Machine', {
      stateMachineName: props.name,
      definitionBody: sfn.DefinitionBody.fromString(this.stack.toJsonString(props.definition)),
      logs: { destination: logGroup, level: sfn.LogLevel.ALL, includeExecutionData: true },
      tracingEnabled: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.grantPrincipal = this.machine.grantPrincipal;
    this.arn = this.machine.stateMachineArn;
    acknowledgeWildcards(
      this,
      ['*'],
      'Log delivery and X-Ray have no resource-level rights (Step Functions, "Logging" and "X-Ray").',
    );
  }

  /**
   * The machine as it is now, by an ARN of its own: a parent that began with it goes on starting this one, whatever is
   * deployed meanwhile. Older versions stay; they go with the machine (AWS: DeleteStateMachine).
   */
  publish(): string {
    const version = new sfn.CfnStateMachineVersion(this, 'Version', {
      stateMachineArn: this.arn,
      stateMachineRevisionId: this.machine.stateMachineRevisionId,
    });
    version.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return version.attrArn;
  }

  /** Any published version: an execution under way goes on calling those it began with. */
  mayCall(...functions: readonly ContractFunction[]): void {
    const resources = functions.map((one) => `${one.function.functionArn}:*`);
    const because = 'An execution under way calls the versions it began with, also after a deployment has published newer ones.';
    allow(this, { actions: ['lambda:InvokeFunction'], resources, because });
  }

  /**
   * Waiting for a child needs the rule Step Functions manages for itself (AWS: "IAM policies for nested workflows").
   * A version is authorized by the ARN of its machine (AWS: "Authorization for versions and aliases").
   */
  mayRun(...children: readonly ReleaseMachine[]): void {
    const { stack } = this;
    const rule = stack.formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: 'StepFunctionsGetEventsForStepFunctionsExecutionRule',
    });
    this.mayStart(...children.map((child) => child.arn));
    allow(this, {
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: children.map((child) => stack.formatArn({ service: 'states', resource: `execution:${child.name}:*` })),
      because: 'Children have no names of their own; these are those of the workflows it waits for.',
    });
    allow(this, { actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], resources: [rule] });
  }

  mayStart(...resources: readonly string[]): void {
    allow(this, { actions: ['states:StartExecution'], resources });
  }
}
