import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseFilterPattern } from '../../../local/services/logs/filter-pattern.ts';
import { createLogs } from '../../../local/services/logs/logs.ts';
import { listen, testWorld } from '../gateway/harness.ts';

const logGroupName = '/aws/lambda/admit';
const START = Date.UTC(2030, 0, 1);

let world: ReturnType<typeof testWorld>;
let logs: ReturnType<typeof createLogs>;
let client: CloudWatchLogsClient;
let close: () => Promise<void>;

beforeEach(async () => {
  world = testWorld();
  logs = createLogs(world);
  const properties = { LogGroupName: logGroupName, RetentionInDays: 90 };
  await logs.resources['AWS::Logs::LogGroup']!({
    stack: 's',
    logicalId: 'L',
    type: 'AWS::Logs::LogGroup',
    path: 's/L',
    properties,
  });
  const gateway = await listen([logs]);
  close = gateway.close;
  client = new CloudWatchLogsClient(gateway.config);
});
afterEach(() => close());

async function write(...lines: readonly (readonly [string, string])[]) {
  for (const [stream, line] of lines) {
    logs.write(logGroupName, stream, line);
    await world.time.advanceBy(1000);
  }
}

it('gives a stream’s events by page, forward and backward, until its ends', async () => {
  await write(['a', '1'], ['b', 'x'], ['a', '2'], ['a', '3'], ['a', '4']);
  const get = async (more: object) => {
    const page = await client.send(new GetLogEventsCommand({ logGroupName, logStreamName: 'a', limit: 3, ...more }));
    return { ...page, lines: page.events?.map((event) => event.message) };
  };
  const first = await get({ startFromHead: true });
  expect(first.lines).toEqual(['1', '2', '3']);
  expect(first.events?.[1]).toMatchObject({ timestamp: START + 2000 });
  const second = await get({ nextToken: first.nextForwardToken });
  expect(second.lines).toEqual(['4']);
  const third = await get({ nextToken: second.nextForwardToken });
  expect(third.lines).toEqual([]);
  expect(third.nextForwardToken).toBe(second.nextForwardToken);
  const last = await get({});
  expect(last.lines).toEqual(['2', '3', '4']);
  expect((await get({ nextToken: last.nextBackwardToken })).lines).toEqual(['1']);
});

it('finds events across streams, by time, stream and terms', async () => {
  await write(['a', 'START id'], ['b', 'ERROR no room'], ['a', 'ERROR no time'], ['b', 'END id']);
  const find = async (more: object) =>
    (await client.send(new FilterLogEventsCommand({ logGroupName, ...more }))).events?.map(
      (event) => `${event.logStreamName} ${event.message}`,
    );
  expect(await find({})).toEqual(['a START id', 'b ERROR no room', 'a ERROR no time', 'b END id']);
  expect(await find({ filterPattern: 'ERROR -room' })).toEqual(['a ERROR no time']);
  expect(await find({ logStreamNames: ['b'], startTime: START + 2000 })).toEqual(['b END id']);
  expect(await find({ startTime: START, endTime: START + 1000 })).toEqual(['a START id', 'b ERROR no room']);
  await expect(find({ filterPattern: '{ $.level = "x" }' })).rejects.toThrow('filter patterns of terms only');
});

it('describes groups and streams', async () => {
  await write(['b', 'one'], ['a', 'two']);
  logs.write('/made/by/writing', 's', 'x');
  const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws' }));
  expect(logGroups).toMatchObject([{ logGroupName, retentionInDays: 90, creationTime: START, storedBytes: 58 }]);
  const streams = async (more: object) =>
    (await client.send(new DescribeLogStreamsCommand({ logGroupName, ...more }))).logStreams?.map((one) => one.logStreamName);
  expect(await streams({})).toEqual(['a', 'b']);
  expect(await streams({ orderBy: 'LastEventTime', descending: true, limit: 1 })).toEqual(['a']);
  await expect(client.send(new DescribeLogStreamsCommand({ logGroupName: 'none' }))).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
});

it('keeps only the newest events', async () => {
  for (let i = 0; i < 25_000; i++) logs.write(logGroupName, 'a', String(i));
  const page = await client.send(new GetLogEventsCommand({ logGroupName, logStreamName: 'a', startFromHead: true, limit: 1 }));
  expect(page.events?.[0]?.message).toBe('15000');
});

it('reads terms: all, any of the ? ones, none of the - ones, quoted ones whole', () => {
  const matching = (pattern: string) => ['a b', 'b c', 'say "hi"'].filter(parseFilterPattern(pattern));
  expect(matching('')).toEqual(['a b', 'b c', 'say "hi"']);
  expect(matching('b -c')).toEqual(['a b']);
  expect(matching('?a ?c')).toEqual(['a b', 'b c', 'say "hi"']);
  expect(matching('"b c"')).toEqual(['b c']);
  expect(matching('"\\"hi\\""')).toEqual(['say "hi"']);
});
