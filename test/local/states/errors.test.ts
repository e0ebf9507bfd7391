import { describe, expect, it } from 'vitest';
import { Account, failed, START, task, types } from './world.ts';

const NEVER = { Never: { Type: 'Succeed', Output: 'caught' } };
const Caught = (name: string) => [{ ErrorEquals: [name], Next: 'Never' }];

/** Fails `times` times, then answers. */
function flaky(account: Account, times: number, error = 'Busy'): void {
  let calls = 0;
  account.functions['f'] = () => (++calls <= times ? failed(error) : 'done');
}

const moments = (account: Account): number[] => account.invoked.map(({ at }) => at);

describe('Retry', () => {
  it('waits the interval, longer each time by the rate, up to the longest delay', async () => {
    const account = new Account();
    flaky(account, 4);
    const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 3, BackoffRate: 2, MaxDelaySeconds: 10, MaxAttempts: 5 }];
    expect(await account.run({ Try: task('f', { Retry }) })).toMatchObject({ status: 'SUCCEEDED' });
    expect(moments(account)).toEqual([0, 3, 9, 19, 29]);
  });

  it('is by default three attempts more, one second apart, doubling', async () => {
    const account = new Account();
    flaky(account, 9);
    const outcome = await account.run({ Try: task('f', { Retry: [{ ErrorEquals: ['States.ALL'] }] }) });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Busy', seconds: 7 });
    expect(moments(account)).toEqual([0, 1, 3, 7]);
  });

  it('does not happen with MaxAttempts 0', async () => {
    const account = new Account();
    flaky(account, 1);
    const Retry = [{ ErrorEquals: ['Busy'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];
    expect(await account.run({ Try: task('f', { Retry }) })).toMatchObject({ status: 'FAILED', error: 'Busy' });
    expect(account.invoked).toHaveLength(1);
  });

  it('counts the attempts of each retrier apart', async () => {
    const account = new Account();
    const errors = ['A', 'B', 'A', 'B'];
    account.functions['f'] = () => (errors.length > 0 ? failed(errors.shift()!) : 'done');
    const Retry = [
      { ErrorEquals: ['A'], MaxAttempts: 2, BackoffRate: 1 },
      { ErrorEquals: ['B'], MaxAttempts: 2, IntervalSeconds: 10, BackoffRate: 1 },
    ];
    expect(await account.run({ Try: task('f', { Retry }) })).toMatchObject({ status: 'SUCCEEDED', seconds: 22 });
  });

  it('with full jitter waits a part of the delay, drawn from the seed', async () => {
    const waits = async (seed: number) => {
      const account = new Account(seed);
      flaky(account, 6);
      const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 100, BackoffRate: 1, MaxAttempts: 6, JitterStrategy: 'FULL' }];
      await account.run({ Try: task('f', { Retry }) });
      return moments(account).map((at, index, all) => at - (all[index - 1] ?? 0));
    };
    const first = await waits(1);
    expect(first.every((wait) => wait >= 0 && wait <= 100)).toBe(true);
    expect(new Set(first).size).toBe(7);
    expect(await waits(1)).toEqual(first);
    expect(await waits(2)).not.toEqual(first);
  });

  it('leaves the state’s entered time as it was and counts itself in the context', async () => {
    const account = new Account();
    flaky(account, 2);
    const Arguments = { FunctionName: 'f', Payload: '{% $states.context.State %}' };
    await account.run({
      Try: task('f', { Arguments, Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, BackoffRate: 1 }] }),
    });
    const EnteredTime = new Date(START).toISOString();
    expect(account.invoked.map(({ payload, at }) => [payload, at])).toEqual([
      [{ Name: 'Try', EnteredTime, RetryCount: 0 }, 0],
      [{ Name: 'Try', EnteredTime, RetryCount: 1 }, 5],
      [{ Name: 'Try', EnteredTime, RetryCount: 2 }, 10],
    ]);
  });

  it('enters and leaves the state once, and schedules the task each time', async () => {
    const account = new Account();
    flaky(account, 1);
    expect(types(await account.run({ Try: task('f', { Retry: [{ ErrorEquals: ['Busy'] }] }) }))).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      ...['TaskScheduled', 'TaskStarted', 'TaskFailed'],
      ...['TaskScheduled', 'TaskStarted', 'TaskSucceeded'],
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });
});

describe('Catch', () => {
  it('takes over when the retries are used up, with the error as its output', async () => {
    const account = new Account();
    flaky(account, 9);
    const Catch = [{ ErrorEquals: ['Busy'], Next: 'After' }];
    const outcome = await account.run({
      Try: task('f', { Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }], Catch }),
      After: { Type: 'Succeed' },
    });
    expect(outcome.output).toEqual({ Error: 'Busy', Cause: '{"errorType":"Busy","errorMessage":"no"}' });
    expect(types(outcome)).toContain('TaskStateExited');
  });

  it('has its own Output, which sees the state’s input and the error', async () => {
    const account = new Account();
    flaky(account, 1);
    const Output = { was: '{% $states.input.n %}', error: '{% $states.errorOutput.Error %}' };
    const states = { Try: task('f', { Catch: [{ ErrorEquals: ['Busy'], Next: 'After', Output }] }), After: { Type: 'Succeed' } };
    expect((await account.run(states, { n: 1 })).output).toEqual({ was: 1, error: 'Busy' });
  });

  it('is tried from the first to the last, by name', async () => {
    const account = new Account();
    flaky(account, 1);
    const Catch = [
      { ErrorEquals: ['Other'], Next: 'A' },
      { ErrorEquals: ['More', 'Busy'], Next: 'B' },
      { ErrorEquals: ['States.ALL'], Next: 'A' },
    ];
    const states = { Try: task('f', { Catch }), A: { Type: 'Succeed', Output: 'A' }, B: { Type: 'Succeed', Output: 'B' } };
    expect((await account.run(states)).output).toBe('B');
  });

  it.each([
    ['States.TaskFailed', 'Busy', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.ALL', 'States.Timeout', true],
    ['States.ALL', 'Busy', true],
    ['States.ALL', 'States.Runtime', false],
    ['States.Runtime', 'States.Runtime', false],
    ['States.ALL', 'States.DataLimitExceeded', false],
    ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
    ['Bus', 'Busy', false],
  ])('%s catches %s: %s', async (catcher, error, does) => {
    const account = new Account();
    flaky(account, 1, error);
    const outcome = await account.run({ Try: task('f', { Catch: Caught(catcher) }), ...NEVER });
    expect(outcome.output).toBe(does ? 'caught' : undefined);
    expect(outcome.error).toBe(does ? undefined : error);
  });

  it('takes a failed expression of the state’s own Arguments or Output', async () => {
    const account = new Account();
    account.functions['f'] = () => 1;
    const Catch = Caught('States.QueryEvaluationError');
    expect(await account.run({ Try: task('f', { Output: '{% $nothing %}', Catch }), ...NEVER })).toMatchObject({
      output: 'caught',
    });
    const early = new Account();
    expect(await early.run({ Try: task('f', { Arguments: '{% $nothing %}', Catch }), ...NEVER })).toMatchObject({
      output: 'caught',
    });
    expect(early.invoked).toEqual([]);
  });

  it('does not catch what fails in a catcher', async () => {
    const account = new Account();
    flaky(account, 1);
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Never', Output: '{% $nothing %}' }];
    expect(await account.run({ Try: task('f', { Catch }), ...NEVER })).toMatchObject({ error: 'States.QueryEvaluationError' });
  });
});
