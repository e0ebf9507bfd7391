import { createHash } from 'node:crypto';
import { TemplateError, takeProperties } from '../../kernel/properties.ts';
import type { Properties } from '../../kernel/properties.ts';
import type { DeclaredResource, LocalService, Physical } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import { ASYNC_DEFAULTS } from './function.ts';
import type { LambdaFunction } from './function.ts';
import type { Registry } from './registry.ts';

const FUNCTION = [
  'FunctionName',
  'Architectures',
  'Code',
  'DeadLetterConfig',
  'Description',
  'Environment',
  'Handler',
  'LoggingConfig',
  'MemorySize',
  'PackageType',
  'ReservedConcurrentExecutions',
  'Role',
  'Runtime',
  'Timeout',
] as const;

const FUNCTION_IGNORED = {
  Tags: 'nothing here asks for a function by its tags',
  VpcConfig: 'every function reaches loopback, where the nodes are',
  TracingConfig: 'there is no X-Ray here',
  EphemeralStorage: 'functions write to the disk of this machine',
  RecursiveLoop: 'loops are not detected here',
  RuntimeManagementConfig: 'the runtime is the Node.js that runs this',
  SnapStart: 'there is none for Node.js',
};

export function lambdaResources(world: World, registry: Registry): LocalService['resources'] {
  return {
    'AWS::Lambda::Function': (resource) => declareFunction(world, registry, resource),
    'AWS::Lambda::Version': (resource) => declareVersion(registry, resource),
    'AWS::Lambda::Alias': (resource) => declareAlias(registry, resource),
    'AWS::Lambda::Permission': (resource) => declarePermission(registry, resource),
    'AWS::Lambda::EventInvokeConfig': (resource) => declareEventInvokeConfig(registry, resource),
  };
}

function declareFunction(world: World, registry: Registry, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, FUNCTION, FUNCTION_IGNORED);
  const fn = toFunction(world, resource, properties);
  registry.add(fn);
  return { ref: fn.name, attributes: { Arn: fn.arn } };
}

function toFunction(world: World, resource: DeclaredResource, properties: Properties<(typeof FUNCTION)[number]>): LambdaFunction {
  const name = properties.text('FunctionName') ?? madeName(resource);
  const logging = properties.item('LoggingConfig', ['LogGroup', 'LogFormat', 'ApplicationLogLevel', 'SystemLogLevel']);
  const runtime = properties.text('Runtime') ?? '';
  if (!runtime.startsWith('nodejs'))
    throw refusal(resource, `Runtime ${runtime || '(none)'} cannot run here; only Node.js functions can`);
  if (resource.assetPath === undefined)
    throw refusal(resource, 'its code is not an asset of the assembly; use lambda.Code.fromAsset');
  const reserved = properties.number('ReservedConcurrentExecutions');
  const deadLetterArn = properties.item('DeadLetterConfig', ['TargetArn'])?.text('TargetArn');
  return {
    name,
    arn: `arn:${world.account.partition}:lambda:${world.account.region}:${world.account.id}:function:${name}`,
    role: properties.getText('Role'),
    runtime,
    handler: properties.getText('Handler'),
    codeDirectory: resource.assetPath,
    memoryMiB: properties.number('MemorySize') ?? 128,
    timeoutMs: (properties.number('Timeout') ?? 3) * 1000,
    environment: variables(resource, properties),
    architecture: properties.texts('Architectures')[0] ?? 'x86_64',
    description: properties.text('Description') ?? '',
    logGroup: logging?.text('LogGroup') ?? `/aws/lambda/${name}`,
    logFormat: logging?.text('LogFormat') === 'JSON' ? 'JSON' : 'Text',
    ...(reserved === undefined ? {} : { reservedConcurrency: reserved }),
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
    declaredAt: world.time.now(),
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

function variables(resource: DeclaredResource, properties: Properties<(typeof FUNCTION)[number]>): Record<string, string> {
  const found = properties.item('Environment', ['Variables'])?.raw('Variables') ?? {};
  if (!isRecord(found)) throw refusal(resource, 'Environment.Variables must be an object');
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, String(value)]));
}

/** As CloudFormation names what has no name; derived, so that a restarted runtime finds the same function. */
function madeName({ stack, logicalId }: DeclaredResource): string {
  const tail = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 12).toUpperCase();
  return `${stack.slice(0, 24)}-${logicalId.slice(0, 24)}-${tail}`;
}

function declareVersion(registry: Registry, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, ['FunctionName', 'Description'], {
    CodeSha256: 'the code is the one in the assembly',
    RuntimePolicy: 'the runtime is the Node.js that runs this',
  });
  const { fn } = registry.find(properties.getText('FunctionName'));
  const version = registry.publish(fn);
  const arn = `${fn.arn}:${version}`;
  return { ref: arn, attributes: { Version: version, FunctionArn: arn } };
}

function declareAlias(registry: Registry, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, ['FunctionName', 'FunctionVersion', 'Name', 'Description']);
  const { fn } = registry.find(properties.getText('FunctionName'));
  const name = properties.getText('Name');
  registry.addAlias(fn, name, properties.getText('FunctionVersion'));
  return { ref: `${fn.arn}:${name}`, attributes: { AliasArn: `${fn.arn}:${name}` } };
}

/** Rights are not judged here; that the function exists is. */
function declarePermission(registry: Registry, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, ['FunctionName', 'Action', 'Principal', 'SourceArn', 'SourceAccount']);
  registry.find(properties.getText('FunctionName'));
  return { ref: `${resource.stack}-${resource.logicalId}`, attributes: { Id: resource.logicalId } };
}

function declareEventInvokeConfig(registry: Registry, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, [
    'FunctionName',
    'Qualifier',
    'MaximumEventAgeInSeconds',
    'MaximumRetryAttempts',
    'DestinationConfig',
  ]);
  const { fn } = registry.find(properties.getText('FunctionName'));
  const qualifier = properties.getText('Qualifier');
  const age = properties.number('MaximumEventAgeInSeconds');
  const destinations = properties.item('DestinationConfig', ['OnFailure', 'OnSuccess']);
  const onFailure = destinations?.item('OnFailure', ['Destination'])?.getText('Destination');
  const onSuccess = destinations?.item('OnSuccess', ['Destination'])?.getText('Destination');
  registry.configureAsync(fn, qualifier, {
    maxAgeMs: age === undefined ? ASYNC_DEFAULTS.maxAgeMs : age * 1000,
    maxRetries: properties.number('MaximumRetryAttempts') ?? ASYNC_DEFAULTS.maxRetries,
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(onSuccess === undefined ? {} : { onSuccess }),
  });
  return { ref: `${fn.name}:${qualifier}`, attributes: {} };
}

const refusal = (resource: DeclaredResource, what: string) => new TemplateError(`${resource.path} (${resource.type}): ${what}`);
