/**
 * The hard thing, narrow: one unchanged bundle and one workflow from a synthesized assembly, in process, under a virtual
 * clock and a seed, killed at every AWS call in turn.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toJsonLine } from '../../local/kernel/trace.ts';
import { openRuntime } from '../../local/runtime.ts';
import type { Fate, FunctionCall } from '../../local/runtime/in-process.ts';
import { synthesizeNarrowApp } from './narrow/narrow-app.ts';

let directory: string;
let assembly: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'narrow-'));
  assembly = await synthesizeNarrowApp(directory);
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Story {
  readonly status: string;
  readonly ledger: readonly string[];
  readonly calls: readonly FunctionCall[];
  readonly trace: string;
  readonly entriesLeft: number;
}

async function tell(seed: number, fate: (call: FunctionCall) => Fate = () => 'lives'): Promise<Story> {
  const calls: FunctionCall[] = [];
  const seen = (call: FunctionCall) => {
    calls.push(call);
    return fate(call);
  };
  const runtime = await openRuntime({ mode: 'in-process', assembly, seed, fate: seen });
  const { api, objects } = runtime.composed;
  const machine = runtime.account.declared.find(({ type }) => type === 'AWS::StepFunctions::StateMachine')!.ref;
  const bucket = runtime.account.declared.find(({ type }) => type === 'AWS::S3::Bucket')!.ref;
  const start = { stateMachineArn: machine, name: 'one', input: JSON.stringify({ name: 'web' }) };
  const { executionArn } = (await api.call('states', 'StartExecution', start)) as { executionArn: string };
  // Enough for every retry of the workflow and of the event.
  await runtime.clock.advanceBy(30 * 60_000);
  const { status } = (await api.call('states', 'DescribeExecution', { executionArn })) as { status: string };
  const ledger = JSON.parse(await text((await objects.get(bucket, 'ledger.json'))!)) as { name: string }[];
  await runtime.stop();
  return {
    status,
    ledger: ledger.map(({ name }) => name),
    calls,
    trace: runtime.trace.entries().map(toJsonLine).join(''),
    entriesLeft: runtime.clock.entries,
  };
}

describe('one bundle and one workflow, in process', () => {
  it('run as they would on AWS', async () => {
    const story = await tell(1);
    expect(story.status).toBe('SUCCEEDED');
    expect(story.ledger).toEqual(['web enter', 'web announce received']);
    expect(story.calls.map(({ service, operation }) => `${service}:${operation}`)).toEqual([
      's3:GetObject',
      's3:PutObject',
      'events:PutEvents',
      's3:GetObject',
      's3:PutObject',
    ]);
  });

  it('give one trace for one seed, byte for byte, and another for another', async () => {
    const [one, same, other] = [await tell(7), await tell(7), await tell(8)];
    expect(one.trace).toBe(same.trace);
    expect(one.trace).not.toBe(other.trace);
  });

  it.each(['dies before', 'dies after'] as const)('end in the same state when a function %s any of its calls', async (how) => {
    const whole = await tell(3);
    for (const { index } of whole.calls) {
      const story = await tell(3, (call) => (call.index === index ? how : 'lives'));
      expect({ index, status: story.status, ledger: story.ledger }).toEqual({
        index,
        status: 'SUCCEEDED',
        ledger: whole.ledger,
      });
      expect(story.calls.length).toBeGreaterThan(index + 1);
    }
  });
});
