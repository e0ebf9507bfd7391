import { DescribeLogGroups$, DescribeLogStreams$, FilterLogEvents$, GetLogEvents$ } from '@aws-sdk/client-cloudwatch-logs';
import type {
  DescribeLogGroupsRequest,
  DescribeLogStreamsRequest,
  FilterLogEventsRequest,
  GetLogEventsRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../../kernel/aws-error.ts';
import { takePage } from '../../kernel/page.ts';
import { physicalName } from '../../kernel/physical-name.ts';
import type { LogSink } from '../../kernel/ports.ts';
import { takeProperties } from '../../kernel/properties.ts';
import type { DeclaredResource, LocalService, Physical } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import { parseFilterPattern } from './filter-pattern.ts';
import { LogGroup } from './log-group.ts';
import type { LogEvent, LogStream } from './log-group.ts';
import { loadGroups, saveGroups, SAVED_EVENTS } from './saved.ts';

const GAPS = [
  'A group keeps its newest 10,000 events, whatever its retention; filter patterns are of terms only; no queries or subscriptions.',
  `A state folder keeps the newest ${SAVED_EVENTS} events of each group.`,
];

interface LogsState {
  readonly world: World;
  readonly groups: Map<string, LogGroup>;
}

export function createLogs(world: World): LocalService & LogSink {
  const logs: LogsState = { world, groups: new Map() };
  return {
    name: 'logs',
    gaps: GAPS,
    operations: {
      DescribeLogGroups: { schema: DescribeLogGroups$, run: (input: DescribeLogGroupsRequest) => describeGroups(logs, input) },
      DescribeLogStreams: {
        schema: DescribeLogStreams$,
        run: (input: DescribeLogStreamsRequest) => describeStreams(logs, input),
      },
      GetLogEvents: { schema: GetLogEvents$, run: (input: GetLogEventsRequest) => getEvents(logs, input) },
      FilterLogEvents: { schema: FilterLogEvents$, run: (input: FilterLogEventsRequest) => filterEvents(logs, input) },
    },
    resources: { 'AWS::Logs::LogGroup': (resource) => declareGroup(logs, resource) },
    save: () => saveGroups(logs.groups),
    load: (saved) => loadGroups(logs.groups, saved),
    write(group, stream, message) {
      const now = world.time.now();
      const known = logs.groups.get(group) ?? new LogGroup(group, now);
      logs.groups.set(group, known);
      known.write(stream, now, message);
    },
  };
}

const IGNORED = {
  Tags: 'groups are not found by tags here',
  KmsKeyId: 'nothing is encrypted on one machine',
  LogGroupClass: 'a matter of price',
  DataProtectionPolicy: 'nothing is masked on one machine',
};

function declareGroup(logs: LogsState, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, ['LogGroupName', 'RetentionInDays'], IGNORED);
  const name = properties.text('LogGroupName') ?? physicalName(resource);
  logs.groups.set(name, new LogGroup(name, logs.world.time.now(), properties.number('RetentionInDays')));
  return { ref: name, attributes: { Arn: arnOf(logs, name) } };
}

const arnOf = ({ world: { account } }: LogsState, name: string): string =>
  `arn:${account.partition}:logs:${account.region}:${account.id}:log-group:${name}:*`;

/** By name, or by ARN as the newer `logGroupIdentifier` has it. */
function getGroup({ groups }: LogsState, name: string | undefined, identifier: string | undefined): LogGroup {
  const wanted = name ?? identifier?.replace(/^arn:.*:log-group:/, '').replace(/:\*$/, '') ?? '';
  const group = groups.get(wanted);
  if (group === undefined) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  return group;
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);
const pageOf = (size: number, token: string | undefined) => ({ size, token, badToken: 'InvalidParameterException' });

function describeGroups(
  logs: LogsState,
  { logGroupNamePrefix = '', logGroupNamePattern = '', limit = 50, nextToken }: DescribeLogGroupsRequest,
) {
  const groups = [...logs.groups.values()].filter(
    ({ name }) => name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern),
  );
  const { items, next } = takePage(groups.sort(byName), pageOf(limit, nextToken));
  const toAws = (group: LogGroup) => ({
    logGroupName: group.name,
    creationTime: group.createdAt,
    retentionInDays: group.retentionDays,
    metricFilterCount: 0,
    arn: arnOf(logs, group.name),
    logGroupArn: arnOf(logs, group.name).replace(/:\*$/, ''),
    storedBytes: group.storedBytes,
    logGroupClass: 'STANDARD',
  });
  return { logGroups: items.map(toAws), nextToken: next };
}

function describeStreams(logs: LogsState, input: DescribeLogStreamsRequest) {
  const group = getGroup(logs, input.logGroupName, input.logGroupIdentifier);
  const streams = [...group.streams.values()].filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ''));
  const sorted = streams.sort(input.orderBy === 'LastEventTime' ? (a, b) => a.lastAt - b.lastAt || byName(a, b) : byName);
  const { items, next } = takePage(
    input.descending === true ? sorted.reverse() : sorted,
    pageOf(input.limit ?? 50, input.nextToken),
  );
  const toAws = (stream: LogStream) => ({
    logStreamName: stream.name,
    creationTime: stream.createdAt,
    firstEventTimestamp: stream.firstAt,
    lastEventTimestamp: stream.lastAt,
    lastIngestionTime: stream.lastAt,
    arn: arnOf(logs, group.name).replace(/\*$/, `log-stream:${stream.name}`),
  });
  return { logStreams: items.map(toAws), nextToken: next };
}

const isWithin = (from: number | undefined, until: number | undefined) => (event: LogEvent) =>
  event.at >= (from ?? -Infinity) && event.at < (until ?? Infinity);

/** Pages of one stream. From the end unless told; the token at an end is the one that was given, which is how AWS says "the end". */
function getEvents(logs: LogsState, input: GetLogEventsRequest) {
  const group = getGroup(logs, input.logGroupName, input.logGroupIdentifier);
  const stream = input.logStreamName ?? '';
  if (!group.streams.has(stream)) throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
  const events = group.events().filter((event) => event.stream === stream && isWithin(input.startTime, input.endTime)(event));
  const { from, until } = windowOf(events.length, input);
  const toAws = (event: LogEvent) => ({ timestamp: event.at, message: event.message, ingestionTime: event.at });
  return { events: events.slice(from, until).map(toAws), nextForwardToken: `f/${until}`, nextBackwardToken: `b/${from}` };
}

function windowOf(length: number, { limit = 10_000, startFromHead = false, nextToken }: GetLogEventsRequest) {
  const [, direction, digits] = /^([fb])\/(\d+)$/.exec(nextToken ?? '') ?? [];
  if (nextToken !== undefined && digits === undefined)
    throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  const place = Math.min(Number(digits), length);
  if (direction === 'f') return { from: place, until: Math.min(place + limit, length) };
  if (direction === 'b') return { from: Math.max(0, place - limit), until: place };
  return startFromHead ? { from: 0, until: Math.min(limit, length) } : { from: Math.max(0, length - limit), until: length };
}

function filterEvents(logs: LogsState, input: FilterLogEventsRequest) {
  const group = getGroup(logs, input.logGroupName, input.logGroupIdentifier);
  const matches = parseFilterPattern(input.filterPattern ?? '');
  const isInStream = ({ stream }: LogEvent) =>
    (input.logStreamNames?.includes(stream) ?? true) && stream.startsWith(input.logStreamNamePrefix ?? '');
  // Both ends count here, unlike in GetLogEvents.
  const until = input.endTime === undefined ? undefined : input.endTime + 1;
  const events = group
    .events()
    .filter((event) => isInStream(event) && isWithin(input.startTime, until)(event) && matches(event.message));
  const { items, next } = takePage(events, pageOf(input.limit ?? 10_000, input.nextToken));
  const toAws = (event: LogEvent) => ({
    logStreamName: event.stream,
    timestamp: event.at,
    message: event.message,
    ingestionTime: event.at,
    eventId: event.id,
  });
  return { events: items.map(toAws), searchedLogStreams: [], nextToken: next };
}
