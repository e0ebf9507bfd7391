import { physicalName } from '../../kernel/physical-name.ts';
import { takeProperties, TemplateError } from '../../kernel/properties.ts';
import type { DeclaredResource } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import type { AlarmConfig, Comparison, MissingData } from './alarm.ts';
import { COMPARISONS } from './alarm.ts';
import { toDimensions } from './dimensions.ts';
import { requirePeriod } from './periods.ts';
import { parseStatistic } from './statistic.ts';

const KNOWN = [
  'AlarmName',
  'AlarmDescription',
  'Namespace',
  'MetricName',
  'Dimensions',
  'Statistic',
  'ExtendedStatistic',
  'Period',
  'EvaluationPeriods',
  'DatapointsToAlarm',
  'Threshold',
  'ComparisonOperator',
  'TreatMissingData',
  'ActionsEnabled',
  'AlarmActions',
  'OKActions',
  'InsufficientDataActions',
] as const;

const IGNORED = {
  Tags: 'nothing local reads the tags of an alarm',
  Unit: 'local metrics are kept without their unit',
};

const MISSING: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const isComparison = (name: string): name is Comparison => Object.hasOwn(COMPARISONS, name);

export function readAlarm(resource: DeclaredResource, world: World): AlarmConfig {
  const properties = takeProperties(resource, KNOWN, IGNORED);
  const { partition, region, id } = world.account;
  const name = properties.text('AlarmName') ?? physicalName(resource);
  const statistic = properties.text('Statistic') ?? properties.getText('ExtendedStatistic');
  parseStatistic(statistic);
  const dimensions = properties.items('Dimensions', ['Name', 'Value']);
  return {
    name,
    arn: `arn:${partition}:cloudwatch:${region}:${id}:alarm:${name}`,
    description: properties.text('AlarmDescription'),
    metric: {
      namespace: properties.getText('Namespace'),
      name: properties.getText('MetricName'),
      dimensions: toDimensions(dimensions.map((pair) => ({ Name: pair.getText('Name'), Value: pair.getText('Value') }))),
    },
    statistic,
    periodSeconds: requirePeriod(properties.getNumber('Period')),
    ...readPeriods(resource, properties.getNumber('EvaluationPeriods'), properties.number('DatapointsToAlarm')),
    threshold: properties.getNumber('Threshold'),
    comparison: readComparison(resource, properties.getText('ComparisonOperator')),
    missing: readMissing(resource, properties.text('TreatMissingData') ?? 'missing'),
    actionsEnabled: properties.flag('ActionsEnabled') ?? true,
    actions: {
      ALARM: properties.texts('AlarmActions'),
      OK: properties.texts('OKActions'),
      INSUFFICIENT_DATA: properties.texts('InsufficientDataActions'),
    },
  };
}

function readPeriods(resource: DeclaredResource, evaluationPeriods: number, datapointsToAlarm = evaluationPeriods) {
  if (datapointsToAlarm <= evaluationPeriods) return { evaluationPeriods, datapointsToAlarm };
  throw new TemplateError(
    `${resource.path}: DatapointsToAlarm ${datapointsToAlarm} is more than EvaluationPeriods ${evaluationPeriods}`,
  );
}

function readComparison(resource: DeclaredResource, name: string): Comparison {
  if (isComparison(name)) return name;
  throw new TemplateError(`${resource.path}: ComparisonOperator ${name} must be one of ${Object.keys(COMPARISONS).join(', ')}`);
}

function readMissing(resource: DeclaredResource, name: string): MissingData {
  const missing = MISSING.find((known) => known === name);
  if (missing) return missing;
  throw new TemplateError(`${resource.path}: TreatMissingData ${name} must be one of ${MISSING.join(', ')}`);
}
