/** Reads a trace from JSON, and says of a bad one where it is bad. What it does not know it leaves alone. */
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
  number,
  optionalNumber,
  record,
  show,
  text,
} from './read-json.ts';

export const TRACE_SCHEMA = 'canary-trace/1';

export function parseTrace(json: unknown): Trace {
  const root = fields(json, 'the trace');
  if (root['schema'] !== TRACE_SCHEMA) badTrace(`schema is ${show(root['schema'])}, and must be "${TRACE_SCHEMA}"`);
  const groups = readGroups(root['groups']);
  const data = list(root['data'], 'data').map((one, index) => readInterval(one, `data[${index}]`, groups));
  if (data.length === 0) badTrace('data has no interval');
  const intervalSeconds = number(root['interval_s'], 'interval_s');
  if (intervalSeconds <= 0) badTrace(`interval_s is ${intervalSeconds}, and must be more than 0`);
  return {
    id: root['id'] === undefined ? '' : text(root['id'], 'id'),
    intervalSeconds,
    intervals: optionalNumber(root['intervals'], 'intervals') ?? data.length,
    scale: readScale(root['latency']),
    groups,
    history: readHistory(root['history']),
    data,
  };
}

function readScale(json: unknown): number {
  const scale = isMissing(json) ? undefined : optionalNumber(fields(json, 'latency')['scale'], 'latency.scale');
  if (scale !== undefined && scale !== 4) badTrace(`latency.scale is ${scale}, and must be 4`);
  return 4;
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
  const nodes = list(group['nodes'], `${where}.nodes`).map((node, index) => {
    const at = `${where}.nodes[${index}]`;
    return typeof node === 'string' ? node : text(fields(node, at)['id'], `${at}.id`);
  });
  if (new Set(nodes).size !== nodes.length) badTrace(`${where}.nodes has an id twice`);
  const warmupIntervals = optionalNumber(group['warmup_intervals'], `${where}.warmup_intervals`);
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
    if (group === undefined) return badTrace(`${where}.${name} has counts, but groups.${name} is missing`);
    return { [name]: readCounts(fields(interval[name], `${where}.${name}`), `${where}.${name}`, group.nodes.length) };
  };
  return { t, ...of('canary'), ...of('baseline'), ...of('stable') };
}

function readCounts(group: Fields, where: string, nodes: number): TraceCounts {
  const perNode = (name: string) => {
    const found = counts(group[name], `${where}.${name}`);
    if (found.length !== nodes) badTrace(`${where}.${name} has ${found.length} value(s) for ${nodes} node(s)`);
    return found;
  };
  const optional = (name: string) => (isMissing(group[name]) ? [] : perNode(name));
  const requests = perNode('requests');
  const errors = perNode('errors');
  errors.forEach((count, index) => {
    const most = requests[index] ?? 0;
    if (count > most) badTrace(`${where}.errors[${index}] is ${count}, more than the ${most} requests`);
  });
  return {
    requests,
    errors,
    crashes: optional('crashes'),
    fingerprints: readFingerprints(group['fingerprints'], `${where}.fingerprints`),
    memoryMb: optional('rss_mb'),
    latency: isMissing(group['latency']) ? [] : readLatency(group['latency'], `${where}.latency`),
  };
}

const readFingerprints = (json: unknown, where: string) =>
  isMissing(json)
    ? {}
    : record(json, where, (prints, at) => list(prints, at).map((print, index) => text(print, `${at}[${index}]`)));

/** One merged row may stand alone, without a list around it. */
function readLatency(json: unknown, where: string): readonly LatencyRow[] {
  const rows = list(json, where);
  if (typeof rows[0] === 'number') return [readRow(rows, where)];
  return rows.map((row, index) => (isMissing(row) ? [] : readRow(row, `${where}[${index}]`)));
}

function readRow(json: unknown, where: string): LatencyRow {
  const [first, ...rest] = list(json, where);
  if (first === undefined) return [];
  const start = number(first, `${where}[0]`);
  if (!Number.isInteger(start)) badTrace(`${where}[0] is ${start}, and must be the whole number of a bucket`);
  return [start, ...counts(rest, where)];
}

function readHistory(json: unknown): TraceHistory {
  const history = isMissing(json) ? {} : fields(json, 'history');
  const read = (name: string) => optionalNumber(history[name], `history.${name}`);
  const prints = isMissing(history['fingerprints']) ? {} : fields(history['fingerprints'], 'history.fingerprints');
  const [errorRate, p50Ms, p99Ms] = [read('err_rate'), read('p50_ms'), read('p99_ms')];
  return {
    crashes: read('linux_crashes') ?? NO_HISTORY.crashes,
    nodeHours: read('linux_node_hours') ?? NO_HISTORY.nodeHours,
    knownFingerprints: Object.keys(prints),
    errorNoise: read('aa_err_log_sd') ?? NO_HISTORY.errorNoise,
    latencyNoise: read('aa_lat_log_sd') ?? NO_HISTORY.latencyNoise,
    ...(errorRate !== undefined && { errorRate }),
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p99Ms !== undefined && { p99Ms }),
    buildErrors: { ratio: read('build_err_log_ratio') ?? 0, deviation: read('build_err_log_sd') ?? 0 },
    buildLatency: { ratio: read('build_lat_log_ratio') ?? 0, deviation: read('build_lat_log_sd') ?? 0 },
  };
}
