import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RemovalPolicy, type Duration } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Contract } from '../../lambdas/shared/contract.ts';

/** What a function needs of the machine it runs on. */
export interface FunctionSize {
  readonly memoryMiB: number;
  readonly timeout: Duration;
  /** At most (and always) so many at once; without it the account's pool. */
  readonly reservedConcurrency?: number;
  /** Of V8's young generation; V8's own without it. */
  readonly semiSpaceMiB?: number;
}

export interface ContractFunctionProps<C extends Contract> {
  readonly contract: C;
  /** Holds every variable of the contract, or does not compile; only those of the contract reach the function. */
  readonly environment: Readonly<Record<C['env'][number], string>>;
  readonly size: FunctionSize;
  /** Folder of the bundles, one folder a function. */
  readonly bundles: string;
  /** Where events go that failed every attempt (asynchronous callers). */
  readonly deadLetters?: sqs.IQueue;
  readonly network?: {
    readonly vpc: ec2.IVpc;
    readonly subnets: ec2.SubnetSelection;
    readonly securityGroup: ec2.ISecurityGroup;
  };
  readonly functionName?: string;
}

/** A function as its contract says, with a role that may do nothing but write its own log. */
export class ContractFunction<C extends Contract = Contract> extends Construct implements iam.IGrantable {
  readonly contract: C;
  readonly function: lambda.Function;
  readonly grantPrincipal: iam.IPrincipal;
  /** Workflows call it, so that a deployment changes nothing for an execution under way. */
  readonly version: lambda.Version;
  readonly timeoutSeconds: number;

  constructor(scope: Construct, id: string, props: ContractFunctionProps<C>) {
    super(scope, id);
    this.contract = props.contract;
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new logs.LogGroup(this, 'Log', {
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.grantPrincipal = role.grantPrincipal;
    this.function = new lambda.Function(this, 'Function', {
      ...(props.functionName ? { functionName: props.functionName } : {}),
      code: bundleOf(props.bundles, props.contract.name),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      environment: environmentOf(props),
      memorySize: props.size.memoryMiB,
      timeout: props.size.timeout,
      ...(props.size.reservedConcurrency ? { reservedConcurrentExecutions: props.size.reservedConcurrency } : {}),
      ...(props.deadLetters ? { deadLetterQueue: props.deadLetters } : {}),
      ...networkOf(props),
      role,
      logGroup,
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    logGroup.grantWrite(role);
    this.version = this.function.currentVersion;
    this.timeoutSeconds = props.size.timeout.toSeconds();
  }
}

function environmentOf<C extends Contract>(props: ContractFunctionProps<C>): Record<string, string> {
  const names: readonly C['env'][number][] = props.contract.env;
  const { semiSpaceMiB } = props.size;
  const young = semiSpaceMiB === undefined ? '' : ` --max-semi-space-size=${semiSpaceMiB}`;
  const NODE_OPTIONS = `--enable-source-maps${young}`;
  return { ...Object.fromEntries(names.map((name) => [name, props.environment[name]])), NODE_OPTIONS };
}

function networkOf(props: Pick<ContractFunctionProps<Contract>, 'network'>) {
  if (!props.network) return {};
  const { vpc, subnets, securityGroup } = props.network;
  return { vpc, vpcSubnets: subnets, securityGroups: [securityGroup] };
}

function bundleOf(bundles: string, name: string): lambda.Code {
  const folder = join(bundles, name);
  if (!existsSync(join(folder, 'index.mjs')))
    throw new Error(`There is no bundle ${folder}/index.mjs. Run "npm run build" first (npm run synth does it by itself).`);
  return lambda.Code.fromAsset(folder);
}
