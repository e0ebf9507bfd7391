import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Workflow } from '../workflows/asl.ts';
import type { Callable } from '../workflows/steps.ts';
import { checkWorkflow } from '../workflows/check-workflow.ts';
import type { ContractFunction } from './contract-function.ts';
import { allow } from './rights.ts';

export interface ReleaseMachineProps {
  readonly name: string;
  readonly definition: Workflow;
  readonly input: Callable['input'];
  /** Everything the definition may call: it is checked against their contracts. */
  readonly callables: readonly Callable[];
}

/** One state machine, checked at synth against what it calls. Its role may do nothing until it is granted. */
export class ReleaseMachine extends Construct implements iam.IGrantable {
  readonly grantPrincipal: iam.IPrincipal;
  readonly arn: string;
  readonly machine: sfn.StateMachine;

  constructor(scope: Construct, id: string, props: ReleaseMachineProps) {
    super(scope, id);
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
      definitionBody: sfn.DefinitionBody.fromString(Stack.of(this).toJsonString(props.definition)),
      logs: { destination: logGroup, level: sfn.LogLevel.ALL, includeExecutionData: true },
      tracingEnabled: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.grantPrincipal = this.machine.grantPrincipal;
    this.arn = this.machine.stateMachineArn;
  }

  /** Any published version: an execution under way goes on calling those it began with. */
  mayCall(...functions: readonly ContractFunction[]): void {
    allow(
      this,
      ['lambda:InvokeFunction'],
      functions.map((one) => `${one.function.functionArn}:*`),
    );
  }

  /** Waiting for a child needs the rule Step Functions manages for itself (AWS: "IAM policies for nested workflows"). */
  mayRun(...children: readonly ReleaseMachine[]): void {
    const stack = Stack.of(this);
    const executions = children.map((child) =>
      stack.formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: `${child.name}:*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
    const rule = stack.formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: 'StepFunctionsGetEventsForStepFunctionsExecutionRule',
    });
    this.mayStart(...children.map((child) => child.arn));
    allow(this, ['states:DescribeExecution', 'states:StopExecution'], executions);
    allow(this, ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], [rule]);
  }

  mayStart(...arns: readonly string[]): void {
    allow(this, ['states:StartExecution'], [...arns]);
  }

  private get name(): string {
    return this.machine.stateMachineName;
  }
}
