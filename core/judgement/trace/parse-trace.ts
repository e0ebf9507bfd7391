/** Reads a trace from JSON, and says of a bad one where it is bad. What it does not know it leaves alone. */
import { WHOLE_GROUP } from '../sequential/counts.ts';
import { inOrder } from './in-order.ts';
import { NO_HISTORY } from '../sequential/policy.ts';
import {
  type LatencyRow,
  type Trace,
  type TraceCounts,
  type TraceGroup,
  type TraceGroupName,
  type TraceHistory,
  type TraceInterval,
  TRACE_GROUPS,
} from './trace.ts';
import {
  badTrace,
  counts,
  fields,
  type Fields,
  isMissing,
  list,
  NOT_NEGATIVE,
  number,
  optionalNumber,
  type Range,
  record,
  show,
  text,
} from './read-json.ts';

export const TRACE_SCHEMA = 'canary-trace/1';

/** Beyond these it is no watch of a release. */
const MOST_INTERVALS = 50_000;
const MOST_NODES = 1000;
const MOST_BUCKETS = 4096;

function sized(json: unknown, where: string, { least, most }: Range): readonly unknown[] {
  const found = list(json, where);
  if (found.length < least) return badTrace(`${where} is empty, and must have at least one entry`);
  return found.length <= most ? found : badTrace(`${where} has ${found.length} entries, more than the ${most} that are read`);
}

export function parseTrace(json: unknown): Trace {
  const root = fields(json, 'the trace');
  if (root['schema'] !== TRACE_SCHEMA) badTrace(`schema is ${show(root['schema'])}, and must be "${TRACE_SCHEMA}"`);
  const groups = readGroups(root['groups']);
  const intervals = sized(root['data'], 'data', { least: 1, most: MOST_INTERVALS });
  const data = inOrder(intervals.map((one, index) => readInterval(one, `data[${index}]`, groups)));
  checkLatency(root['latency']);
  return {
    id: isMissing(root['id']) ? '' : text(root['id'], 'id'),
    intervalSeconds: number(root['interval_s'], 'interval_s', { least: 0.001, most: 86_400 }),
    intervals: optionalNumber(root['intervals'], 'intervals', { least: 1, most: MOST_INTERVALS }) ?? data.length,
    groups,
    history: readHistory(root['history']),
    data,
  };
}

/** What is declared of the histograms must be what their rows are read as. */
function checkLatency(json: unknown): void {
  const declared = isMissing(json) ? {} : fields(json, 'latency');
  const expected = { kind: 'otel-exponential', scale: 4, unit: 'ms' } as const;
  for (const [name, wanted] of Object.entries(expected)) {
    const found = declared[name];
    if (isMissing(found) || found === wanted) continue;
    badTrace(`latency.${name} is ${show(found)}, and must be ${show(wanted)}: count the latencies anew in such buckets`);
  }
}

function readGroups(json: unknown): Trace['groups'] {
  const all = fields(json, 'groups');
  const found = TRACE_GROUPS.flatMap((name) =>
    isMissing(all[name]) ? [] : [[name, readGroup(all[name], `groups.${name}`)] as const],
  );
  const groups = Object.fromEntries(found);
  if (groups['canary'] === undefined) badTrace('groups.canary is missing: there is nothing to judge');
  return groups;
}

function readGroup(json: unknown, where: string): TraceGroup {
  const group = fields(json, where);
  const nodes = sized(group['nodes'], `${where}.nodes`, { least: 1, most: MOST_NODES }).map((node, index) => {
    const at = `${where}.nodes[${index}]`;
    const id = typeof node === 'string' ? node : text(fields(node, at)['id'], `${at}.id`);
    return id === WHOLE_GROUP || id in {} ? badTrace(`${at}.id is ${show(id)}, which cannot name a node`) : id;
  });
  if (new Set(nodes).size !== nodes.length) badTrace(`${where}.nodes has an id twice: a node's id must be its own`);
  const warmupIntervals = optionalNumber(group['warmup_intervals'], `${where}.warmup_intervals`, NOT_NEGATIVE);
  const build = isMissing(group['build']) ? '' : text(group['build'], `${where}.build`);
  return { build, nodes, ...(warmupIntervals !== undefined && { warmupIntervals }) };
}

function readInterval(json: unknown, where: string, groups: Trace['groups']): TraceInterval {
  const interval = fields(json, where);
  const t = interval['t'];
  if (typeof t !== 'number' && typeof t !== 'string') return badTrace(`${where}.t is ${show(t)}, and must be a time`);
  const of = (name: TraceGroupName) => {
    const group = groups[name];
    if (isMissing(interval[name])) return {};
    if (group === undefined) return badTrace(`${where}.${name} has counts, but groups.${name} is missing: name its nodes there`);
    return { [name]: readCounts(fields(interval[name], `${where}.${name}`), `${where}.${name}`, group.nodes.length) };
  };
  return { t, ...of('canary'), ...of('baseline'), ...of('stable') };
}

function readCounts(group: Fields, where: string, nodes: number): TraceCounts {
  const perNode = (name: string) => {
    const found = list(group[name], `${where}.${name}`);
    if (found.length !== nodes)
      badTrace(`${where}.${name} has ${found.length} value(s) for ${nodes} node(s): one each, in order`);
    return found.map((one, index) => optionalNumber(one, `${where}.${name}[${index}]`, NOT_NEGATIVE));
  };
  const perNodeOrZero = (name: string) => perNode(name).map((one) => one ?? 0);
  const requests = perNodeOrZero('requests');
  const errors = perNodeOrZero('errors');
  errors.forEach((count, index) => {
    if (count > 0 && isMissing(list(group['requests'], where)[index]))
      badTrace(`${where}.errors[${index}] is ${count}, and requests[${index}] is null: give both, or null for both`);
    const most = requests[index] ?? 0;
    if (count > most) badTrace(`${where}.errors[${index}] is ${count}, more than the ${most} requests`);
  });
  return {
    requests,
    errors,
    crashes: isMissing(group['crashes']) ? [] : perNodeOrZero('crashes'),
    fingerprints: readFingerprints(group['fingerprints'], `${where}.fingerprints`),
    memoryMb: isMissing(group['rss_mb']) ? [] : perNode('rss_mb'),
    latency: isMissing(group['latency']) ? [] : readLatency(group['latency'], `${where}.latency`, nodes),
  };
}

const readFingerprints = (json: unknown, where: string) =>
  isMissing(json)
    ? {}
    : record(json, where, (prints, at) => list(prints, at).map((print, index) => text(print, `${at}[${index}]`)));

/** A row a node, or one of the whole group, which may also stand alone, without a list around it. */
function readLatency(json: unknown, where: string, nodes: number): readonly LatencyRow[] {
  const rows = list(json, where);
  if (typeof rows[0] === 'number') return [readRow(rows, where)];
  if (rows.length > 1 && rows.length !== nodes)
    badTrace(`${where} has ${rows.length} rows for ${nodes} node(s): give one each, in order, or one of all`);
  return rows.map((row, index) => (isMissing(row) ? [] : readRow(row, `${where}[${index}]`)));
}

function readRow(json: unknown, where: string): LatencyRow {
  const [first, ...rest] = sized(json, where, { least: 0, most: MOST_BUCKETS });
  if (first === undefined) return [];
  const start = number(first, `${where}[0]`, { least: -MOST_BUCKETS, most: MOST_BUCKETS });
  if (!Number.isInteger(start)) badTrace(`${where}[0] is ${start}, and must be the whole number of a bucket`);
  return [start, ...counts(rest, where)];
}

function readHistory(json: unknown): TraceHistory {
  const history = isMissing(json) ? {} : fields(json, 'history');
  const read = (name: string, range?: Range) => optionalNumber(history[name], `history.${name}`, range);
  const share = { least: 0, most: 1 };
  const prints = isMissing(history['fingerprints']) ? {} : fields(history['fingerprints'], 'history.fingerprints');
  const [errorRate, p50Ms, p99Ms] = [read('err_rate', share), read('p50_ms', NOT_NEGATIVE), read('p99_ms', NOT_NEGATIVE)];
  return {
    crashes: read('linux_crashes', NOT_NEGATIVE) ?? NO_HISTORY.crashes,
    nodeHours: read('linux_node_hours', NOT_NEGATIVE) ?? NO_HISTORY.nodeHours,
    knownFingerprints: Object.keys(prints),
    errorNoise: read('aa_err_log_sd', NOT_NEGATIVE) ?? NO_HISTORY.errorNoise,
    latencyNoise: read('aa_lat_log_sd', NOT_NEGATIVE) ?? NO_HISTORY.latencyNoise,
    ...(errorRate !== undefined && { errorRate }),
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p99Ms !== undefined && { p99Ms }),
    buildErrors: { ratio: read('build_err_log_ratio') ?? 0, deviation: read('build_err_log_sd') ?? 0 },
    buildLatency: { ratio: read('build_lat_log_ratio') ?? 0, deviation: read('build_lat_log_sd') ?? 0 },
  };
}
