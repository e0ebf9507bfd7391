import { GetFunction$, Invoke$, ListFunctions$ } from '@aws-sdk/client-lambda';
import type { FunctionConfiguration, GetFunctionRequest, InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import { AwsError } from '../../kernel/aws-error.ts';
import type { EventBus, Functions, Invocation, MetricSink, Queues } from '../../kernel/ports.ts';
import type { LocalService, Operation } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import { EventQueue } from './event-queue.ts';
import type { Executor, LambdaFunction } from './function.ts';
import { Registry } from './registry.ts';
import type { Target } from './registry.ts';
import { lambdaResources } from './resource.ts';

const GAPS = [
  'only Node.js functions from file assets run; no layers, container images, response streaming, function URLs or event source mappings',
  'rights are not judged: neither the execution role nor the resource policy stops a call',
  'memory limits the JavaScript heap only, and a VPC is ignored: functions reach loopback',
  'REPORT lines have no memory used and no init duration',
];

export interface LambdaPorts {
  readonly world: World;
  readonly executor: Executor;
  readonly queues: Queues;
  readonly bus: EventBus;
  /** Where given, invocations, errors, throttles and durations are counted as Lambda does, by function. */
  readonly metrics?: MetricSink;
}

export function createLambda({ world, executor, queues, bus, metrics }: LambdaPorts): LocalService & Functions {
  const registry = new Registry();
  const running = new Map<string, number>();
  const count = (fn: LambdaFunction, metric: string, value = 1) =>
    metrics?.put('AWS/Lambda', metric, { FunctionName: fn.name }, value);

  const invokeTarget = async (target: Target, payload: unknown, requestId: string): Promise<Invocation> => {
    const { fn } = target;
    const already = running.get(fn.arn) ?? 0;
    if (already >= (fn.reservedConcurrency ?? Infinity)) {
      count(fn, 'Throttles');
      throw throttled();
    }
    running.set(fn.arn, already + 1);
    const startedAt = world.time.now();
    world.trace.add(`lambda/${fn.name}`, 'invoke', { requestId, payload });
    try {
      const outcome = await executor.run({ fn, version: target.version, invokedArn: target.arn, requestId, payload });
      world.trace.add(`lambda/${fn.name}`, outcome.kind, traced(requestId, outcome));
      count(fn, 'Invocations');
      count(fn, 'Errors', outcome.kind === 'failed' ? 1 : 0);
      count(fn, 'Duration', world.time.now() - startedAt);
      return outcome;
    } finally {
      running.set(fn.arn, (running.get(fn.arn) ?? 1) - 1);
    }
  };

  const events = new EventQueue({
    world,
    registry,
    invoke: invokeTarget,
    queues,
    bus,
    enqueue: (arn, payload) => enqueue(arn, payload),
  });
  const enqueue = (name: string, payload: unknown, qualifier?: string): string => {
    const requestId = world.random.uuid();
    events.add(registry.find(name, qualifier), payload, requestId);
    return requestId;
  };

  return {
    name: 'lambda',
    gaps: GAPS,
    operations: operationsOf({ registry, invoke: invokeTarget, enqueue }),
    resources: lambdaResources(world, registry),
    invoke: async (name, payload) => invokeTarget(registry.find(name), payload, world.random.uuid()),
    enqueue: (name, payload) => void enqueue(name, payload),
    stop: () => executor.stop(),
  };
}

const traced = (requestId: string, outcome: Invocation) =>
  outcome.kind === 'returned'
    ? { requestId, payload: outcome.payload }
    : { requestId, errorType: outcome.errorType, errorMessage: outcome.errorMessage };

const throttled = () => new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);

interface Invoker {
  readonly registry: Registry;
  readonly invoke: (target: Target, payload: unknown, requestId: string) => Promise<Invocation>;
  readonly enqueue: (name: string, payload: unknown, qualifier?: string) => string;
}

function operationsOf(invoker: Invoker): Readonly<Record<string, Operation>> {
  const { registry } = invoker;
  return {
    Invoke: { schema: Invoke$, run: (input: InvocationRequest, call) => invoke(invoker, input, call.requestId) },
    GetFunction: {
      schema: GetFunction$,
      run: ({ FunctionName = '', Qualifier }: GetFunctionRequest) => {
        const target = registry.find(FunctionName, Qualifier);
        return { Configuration: configuration(target.fn, target.version), Code: { RepositoryType: 'S3' } };
      },
    },
    ListFunctions: {
      schema: ListFunctions$,
      run: () => ({ Functions: registry.functions().map((fn) => configuration(fn, '$LATEST')) }),
    },
  };
}

async function invoke(invoker: Invoker, input: InvocationRequest, requestId: string): Promise<InvocationResponse> {
  const target = invoker.registry.find(input.FunctionName ?? '', input.Qualifier);
  const payload = parsePayload(input.Payload);
  if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
  if (input.InvocationType === 'Event') {
    invoker.enqueue(input.FunctionName ?? '', payload, input.Qualifier);
    return { StatusCode: 202 };
  }
  const outcome = await invoker.invoke(target, payload, requestId);
  return {
    StatusCode: 200,
    ExecutedVersion: target.version,
    Payload: Buffer.from(JSON.stringify(outcome.payload)),
    ...(outcome.kind === 'failed' && { FunctionError: 'Unhandled' }),
  };
}

function parsePayload(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined || bytes.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    const message = `Could not parse request body into json: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new AwsError('InvalidRequestContentException', message, 400, { cause });
  }
}

/** Members as ListFunctions and GetFunction answer them. */
const configuration = (fn: LambdaFunction, version: string): FunctionConfiguration => ({
  FunctionName: fn.name,
  FunctionArn: version === '$LATEST' ? fn.arn : `${fn.arn}:${version}`,
  Role: fn.role,
  Handler: fn.handler,
  Description: fn.description,
  Timeout: fn.timeoutMs / 1000,
  MemorySize: fn.memoryMiB,
  LastModified: new Date(fn.declaredAt).toISOString().replace('Z', '+0000'),
  Version: version,
  State: 'Active',
  LastUpdateStatus: 'Successful',
  PackageType: 'Zip',
  Environment: { Variables: { ...fn.environment } },
});
