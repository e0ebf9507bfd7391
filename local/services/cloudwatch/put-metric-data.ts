import type { MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import { toDimensions } from './dimensions.ts';
import type { MetricStore } from './metric-store.ts';

const MAX_DATA = 1000;
const MAX_VALUES = 150;

export function putMetricData(store: MetricStore, input: PutMetricDataInput, now: number): void {
  const { Namespace = '', MetricData = [] } = input;
  if (Namespace === '') throw new AwsError('MissingParameter', 'The parameter Namespace is required.');
  // AWS keeps this prefix to its own services and refuses it from outside.
  if (Namespace.startsWith('AWS/')) throw invalid(`The namespace "${Namespace}" must not begin with AWS/.`);
  if (input.EntityMetricData?.length) throw invalid('EntityMetricData is not kept locally. Put the data in MetricData.');
  if (MetricData.length > MAX_DATA) throw invalid(`MetricData has ${MetricData.length} data; the most is ${MAX_DATA}.`);
  const samples = MetricData.map((datum) => ({ datum, pairs: toPairs(datum) }));
  for (const { datum, pairs } of samples) {
    const id = { namespace: Namespace, name: datum.MetricName ?? '', dimensions: toDimensions(datum.Dimensions) };
    const at = datum.Timestamp?.getTime() ?? now;
    for (const [value, count] of pairs) store.put(id, { value, count, at, now });
  }
}

/** Value and count of each sample in the datum. */
function toPairs(datum: MetricDatum): readonly (readonly [number, number])[] {
  const { MetricName, Value, Values, Counts, StatisticValues } = datum;
  if (!MetricName) throw new AwsError('MissingParameter', 'Every datum needs a MetricName.');
  if (StatisticValues)
    throw invalid(`"${MetricName}" has StatisticValues: send Values and Counts, from which every statistic can be told.`);
  if (Values && Value !== undefined)
    throw new AwsError('InvalidParameterCombination', `"${MetricName}" has both Value and Values.`);
  const values = Values ?? (Value === undefined ? [] : [Value]);
  if (values.length === 0) throw new AwsError('MissingParameter', `"${MetricName}" has no value.`);
  if (values.length > MAX_VALUES) throw invalid(`"${MetricName}" has ${values.length} values; the most is ${MAX_VALUES}.`);
  if (Counts && Counts.length !== values.length)
    throw invalid(`"${MetricName}" has ${values.length} values and ${Counts.length} counts.`);
  if (!values.every(Number.isFinite)) throw invalid(`"${MetricName}" has a value that is not a finite number.`);
  return values.map((value, i) => [value, Counts?.[i] ?? 1] as const);
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
