import { TemplateError, takeProperties } from '../../kernel/properties.ts';
import type { Properties } from '../../kernel/properties.ts';
import type { DeclaredResource } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import { PatternError, compilePattern } from './pattern.ts';
import type { Matcher } from './pattern.ts';
import { ScheduleError, parseSchedule } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import type { TargetInput } from './target-input.ts';

export type TargetKind = 'lambda' | 'states' | 'sqs';

export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly kind: TargetKind;
  readonly input: TargetInput;
  readonly maxAgeMs: number;
  readonly maxRetries: number;
  readonly deadLetterArn?: string;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly isEnabled: boolean;
  readonly pattern?: { readonly text: string; readonly matches: Matcher };
  readonly schedule?: { readonly text: string; readonly next: Schedule };
  readonly targets: readonly Target[];
}

const RULE = ['Name', 'Description', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Targets'] as const;
const TARGET = ['Id', 'Arn', 'Input', 'InputPath', 'InputTransformer', 'RetryPolicy', 'DeadLetterConfig'] as const;
const TARGET_IGNORED = { RoleArn: 'rights are not judged locally' };
/** RetryPolicy's defaults and most (EventBridge API reference). */
const MAX_AGE_SECONDS = 86_400;
const MAX_RETRIES = 185;

export function readRule(resource: DeclaredResource, world: World): Rule {
  const properties = takeProperties(resource, RULE, {
    RoleArn: 'rights are not judged locally',
    Tags: 'nothing here asks for a rule by its tags',
  });
  const bus = properties.text('EventBusName') ?? 'default';
  if (bus !== 'default' && !bus.endsWith(':event-bus/default')) {
    throw new TemplateError(`${resource.path} (${resource.type}): there is only the default event bus here, not ${bus}`);
  }
  const name = properties.text('Name') ?? `${resource.stack}-${resource.logicalId}`.slice(0, 64);
  const { partition, region, id } = world.account;
  return {
    name,
    arn: `arn:${partition}:events:${region}:${id}:rule/${name}`,
    description: properties.text('Description') ?? '',
    isEnabled: properties.text('State') !== 'DISABLED',
    ...when(resource, properties, world),
    targets: properties.items('Targets', TARGET, TARGET_IGNORED).map((target) => readTarget(resource, target)),
  };
}

function when(
  resource: DeclaredResource,
  properties: Properties<(typeof RULE)[number]>,
  world: World,
): Pick<Rule, 'pattern' | 'schedule'> {
  const pattern = properties.raw('EventPattern');
  const schedule = properties.text('ScheduleExpression');
  if (pattern === undefined && schedule === undefined) {
    throw new TemplateError(`${resource.path} (${resource.type}): a rule has an EventPattern or a ScheduleExpression`);
  }
  try {
    return {
      ...(pattern !== undefined && { pattern: { text: JSON.stringify(pattern), matches: compilePattern(pattern) } }),
      ...(schedule !== undefined && { schedule: { text: schedule, next: parseSchedule(schedule, world.time.now()) } }),
    };
  } catch (cause) {
    if (!(cause instanceof PatternError) && !(cause instanceof ScheduleError)) throw cause;
    throw new TemplateError(`${resource.path} (${resource.type}): ${cause.message}`, { cause });
  }
}

function readTarget(resource: DeclaredResource, target: Properties<(typeof TARGET)[number]>): Target {
  const arn = target.getText('Arn');
  const retry = target.item('RetryPolicy', ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts']);
  const deadLetterArn = target.item('DeadLetterConfig', ['Arn'])?.text('Arn');
  return {
    id: target.getText('Id'),
    arn,
    kind: kindOf(resource, arn),
    input: readInput(target),
    maxAgeMs: (retry?.number('MaximumEventAgeInSeconds') ?? MAX_AGE_SECONDS) * 1000,
    maxRetries: retry?.number('MaximumRetryAttempts') ?? MAX_RETRIES,
    ...(deadLetterArn !== undefined && { deadLetterArn }),
  };
}

function readInput(target: Properties<(typeof TARGET)[number]>): TargetInput {
  const input = target.text('Input');
  const inputPath = target.text('InputPath');
  const transformer = target.item('InputTransformer', ['InputPathsMap', 'InputTemplate']);
  return {
    ...(input !== undefined && { input }),
    ...(inputPath !== undefined && { inputPath }),
    ...(transformer && {
      transformer: { paths: textRecord(transformer.raw('InputPathsMap')), template: transformer.getText('InputTemplate') },
    }),
  };
}

const textRecord = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(value ?? {}).map(([name, path]) => [name, String(path)]));

function kindOf(resource: DeclaredResource, arn: string): TargetKind {
  const service = arn.split(':')[2];
  if (service === 'lambda' || service === 'states' || service === 'sqs') return service;
  throw new TemplateError(
    `${resource.path} (${resource.type}): target ${arn} is neither a function, a state machine nor a queue`,
  );
}
