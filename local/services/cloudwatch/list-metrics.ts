import type { DimensionFilter, ListMetricsInput, ListMetricsOutput } from '@aws-sdk/client-cloudwatch';
import { takePage } from '../../kernel/page.ts';
import { fromDimensions } from './dimensions.ts';
import type { MetricId, MetricStore } from './metric-store.ts';

const PAGE = 500;

export function listMetrics(store: MetricStore, input: ListMetricsInput, now: number): ListMetricsOutput {
  const found = store.list(now).filter((metric) => matches(metric, input));
  const { items, next } = takePage(found, { size: PAGE, token: input.NextToken, badToken: 'InvalidParameterValue' });
  const Metrics = items.map(({ namespace, name, dimensions }) => ({
    Namespace: namespace,
    MetricName: name,
    Dimensions: fromDimensions(dimensions),
  }));
  return { Metrics, NextToken: next };
}

function matches(metric: MetricId, { Namespace, MetricName, Dimensions = [] }: ListMetricsInput): boolean {
  if (Namespace !== undefined && metric.namespace !== Namespace) return false;
  if (MetricName !== undefined && metric.name !== MetricName) return false;
  return Dimensions.every((filter) => hasDimension(metric, filter));
}

function hasDimension({ dimensions }: MetricId, { Name = '', Value }: DimensionFilter): boolean {
  const value = dimensions[Name];
  return value !== undefined && (Value === undefined || value === Value);
}
