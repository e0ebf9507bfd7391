import { describe, expect, it } from 'vitest';
import { Account } from './world.ts';
import type { StateJson } from './world.ts';

const endings: [string, Record<string, StateJson>, StateJson][] = [
  ['ExecutionsSucceeded', { Done: { Type: 'Succeed' } }, {}],
  ['ExecutionsFailed', { Broken: { Type: 'Fail', Error: 'Broken' } }, {}],
  ['ExecutionsTimedOut', { Late: { Type: 'Wait', Seconds: 60, End: true } }, { TimeoutSeconds: 5 }],
];

describe('Step Functions counts executions as AWS does, by state machine', () => {
  it.each(endings)('%s', async (metric, states, top) => {
    const account = new Account();
    const execution = account.begin(states, {}, top);
    await account.finish(execution);
    expect(account.counted.map((one) => one.metric)).toEqual(['ExecutionsStarted', metric, 'ExecutionTime']);
    const [started, ended] = account.counted.map((one) => one.dimensions);
    expect(started).toEqual({ StateMachineArn: account.describe(execution).stateMachineArn });
    expect(ended, 'the same object, by which the sink finds the series').toBe(started);
  });
});
