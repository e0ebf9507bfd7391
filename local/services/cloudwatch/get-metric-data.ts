import type { GetMetricDataInput, GetMetricDataOutput, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import { toDimensions } from './dimensions.ts';
import type { MetricStore } from './metric-store.ts';
import { MINUTE_MS } from './metric-store.ts';
import { readPeriods, requirePeriod } from './periods.ts';
import { parseStatistic } from './statistic.ts';

const MAX_QUERIES = 500;
const MAX_DATAPOINTS = 100_800;

interface Series {
  readonly id: string;
  readonly label: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

export function getMetricData(store: MetricStore, input: GetMetricDataInput, now: number): GetMetricDataOutput {
  const queries = input.MetricDataQueries ?? [];
  requireQueries(queries);
  const range = requireRange(input.StartTime, input.EndTime);
  const newestFirst = input.ScanBy !== 'TimestampAscending';
  const series = queries
    .filter((query) => query.ReturnData !== false)
    .map((query) => readQuery(store, query, { ...range, now, newestFirst }));
  const limit = Math.min(input.MaxDatapoints ?? MAX_DATAPOINTS, MAX_DATAPOINTS);
  return page(series, parseToken(input.NextToken), limit);
}

interface ReadRange {
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly newestFirst: boolean;
}

function readQuery(store: MetricStore, query: MetricDataQuery, range: ReadRange): Series {
  const id = query.Id ?? '';
  const stat = query.MetricStat;
  const metric = stat?.Metric;
  if (!stat || !metric?.Namespace || !metric.MetricName || !stat.Stat) {
    throw invalid(`The query "${id}" needs MetricStat with Metric.Namespace, Metric.MetricName, Period and Stat.`);
  }
  const period = requirePeriod(stat.Period) * 1000;
  const target = { namespace: metric.Namespace, name: metric.MetricName, dimensions: toDimensions(metric.Dimensions) };
  const points = readPeriods(store, target, { ...range, period, statistic: parseStatistic(stat.Stat) });
  return { id, label: query.Label ?? metric.MetricName, points: range.newestFirst ? [...points].reverse() : points };
}

/** A token says how many datapoints, over all results in order, have been handed out. */
function page(series: readonly Series[], from: number, limit: number): GetMetricDataOutput {
  const all = series.reduce((sum, { points }) => sum + points.length, 0);
  const more = from + limit < all;
  let skipped = 0;
  const results = series.map(({ id, label, points }): MetricDataResult => {
    const taken = points.slice(clamp(from - skipped, points.length), clamp(from + limit - skipped, points.length));
    const isComplete = skipped + points.length <= from + limit;
    skipped += points.length;
    return {
      Id: id,
      Label: label,
      Timestamps: taken.map(({ at }) => new Date(at)),
      Values: taken.map(({ value }) => value),
      StatusCode: isComplete ? 'Complete' : 'PartialData',
    };
  });
  return { MetricDataResults: results, Messages: [], ...(more ? { NextToken: String(from + limit) } : {}) };
}

const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most));

function parseToken(token: string | undefined): number {
  if (token === undefined) return 0;
  const from = Number(token);
  if (!Number.isSafeInteger(from) || from < 0)
    throw new AwsError('InvalidNextToken', `The next token "${token}" is not one of ours.`);
  return from;
}

function requireQueries(queries: readonly MetricDataQuery[]): void {
  if (queries.length === 0) throw invalid('MetricDataQueries must have at least one query.');
  if (queries.length > MAX_QUERIES) throw invalid(`MetricDataQueries has ${queries.length} queries; the most is ${MAX_QUERIES}.`);
  const seen = new Set<string>();
  for (const { Id = '', Expression, MetricStat } of queries) {
    if (!/^[a-z][a-zA-Z0-9_]{0,254}$/.test(Id))
      throw invalid(`The Id "${Id}" must begin with a small letter and have letters, numbers and underscores only.`);
    if (seen.has(Id)) throw invalid(`The Id "${Id}" stands twice in the request.`);
    seen.add(Id);
    if (Expression !== undefined && MetricStat) throw invalid(`The query "${Id}" must have either Expression or MetricStat.`);
    if (Expression !== undefined) {
      throw invalid(
        `The query "${Id}" has the expression "${Expression}": metric math is not kept locally. Ask for the metrics and calculate.`,
      );
    }
  }
}

function requireRange(start: Date | undefined, end: Date | undefined): { from: number; to: number } {
  if (!start || !end) throw invalid('StartTime and EndTime are required.');
  const from = Math.floor(start.getTime() / MINUTE_MS) * MINUTE_MS;
  if (!(from < end.getTime())) throw invalid(`StartTime ${start.toISOString()} must be before EndTime ${end.toISOString()}.`);
  return { from, to: end.getTime() };
}

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
