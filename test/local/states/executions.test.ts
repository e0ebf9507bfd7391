import type {
  GetExecutionHistoryOutput,
  ListExecutionsOutput,
  ListStateMachinesOutput,
  StartExecutionOutput,
  StopExecutionOutput,
} from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { Account, jsonata, START, task, types } from './world.ts';

const HOLD = { Hold: { Type: 'Wait', Seconds: 60, End: true } };
const start = (account: Account, name?: string, input?: string, stateMachineArn = account.declare(jsonata(HOLD))) =>
  account.call('StartExecution', { stateMachineArn, name, input }) as StartExecutionOutput;

describe('StartExecution', () => {
  it('answers the ARN and the date, and names an execution that has no name', () => {
    const account = new Account();
    expect(start(account, 'mine')).toEqual({
      executionArn: 'arn:aws:states:eu-central-1:123456789012:execution:machine:mine',
      startDate: new Date(START),
    });
    expect(start(account).executionArn).toMatch(/:machine:[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });

  it('is the same execution for the same name and input while it runs', async () => {
    const account = new Account();
    const first = start(account, 'mine', '{"a":1}');
    await account.clock.advanceBy(1000);
    expect(start(account, 'mine', '{"a":1}')).toEqual(first);
    expect(account.events).toHaveLength(1);
  });

  it('is refused with ExecutionAlreadyExists for another input, or when the execution has ended', async () => {
    const account = new Account();
    const { executionArn = '' } = start(account, 'mine', '{}');
    expect(() => start(account, 'mine', '{"a":1}')).toThrow(`Execution Already Exists: '${executionArn}'`);
    await account.finish(executionArn);
    expect(() => start(account, 'mine', '{}')).toThrow(expect.objectContaining({ code: 'ExecutionAlreadyExists' }));
  });

  it('may use the name of an execution that ended more than 90 days ago', async () => {
    const account = new Account();
    const { executionArn = '' } = start(account, 'mine');
    await account.finish(executionArn);
    await account.clock.advanceBy(90 * 86_400_000);
    expect(() => start(account, 'mine')).toThrow('Already Exists');
    await account.clock.advanceBy(1);
    expect(start(account, 'mine').startDate).toEqual(new Date(account.clock.now()));
  });

  it.each([
    ['a name of 81 characters', 'x'.repeat(81), '{}', 'ValidationException'],
    ['an empty name', '', '{}', 'ValidationException'],
    ['a name with a space', 'a b', '{}', 'InvalidName'],
    ['a name with a colon', 'a:b', '{}', 'InvalidName'],
    ['a name with a slash', 'a/b', '{}', 'InvalidName'],
    ['a name with a control character', 'a\u0007b', '{}', 'InvalidName'],
    ['an input that is not JSON', 'a', '{', 'InvalidExecutionInput'],
    ['an input above 262,144 bytes', 'a', JSON.stringify(`x${'ä'.repeat(131_071)}`), 'ValidationException'],
  ])('refuses %s', (_, name, input, code) => {
    expect(() => start(new Account(), name, input)).toThrow(expect.objectContaining({ code }));
  });

  it('takes names and inputs up to their limits', () => {
    expect(() =>
      start(new Account(), 'release-web-1.2.3-rc.1_7'.padEnd(80, 'x'), JSON.stringify('ä'.repeat(131_071))),
    ).not.toThrow();
  });

  it('refuses machines that do not exist and ARNs that are none', () => {
    const account = new Account();
    const gone = 'arn:aws:states:eu-central-1:123456789012:stateMachine:gone';
    expect(() => start(account, 'a', '{}', gone)).toThrow(expect.objectContaining({ code: 'StateMachineDoesNotExist' }));
    expect(() => start(account, 'a', '{}', 'gone')).toThrow(expect.objectContaining({ code: 'InvalidArn' }));
  });
});

describe('StopExecution', () => {
  it('ends the execution ABORTED with the error and cause given, and takes its work off the timetable', async () => {
    const account = new Account();
    const { executionArn = '' } = start(account, 'mine');
    await account.clock.advanceBy(10_000);
    const stop = { executionArn, error: 'Enough', cause: 'the operator said so' };
    expect((account.call('StopExecution', stop) as StopExecutionOutput).stopDate).toEqual(new Date(START + 10_000));
    expect(account.describe(executionArn).status).toBe('ABORTED');
    await account.clock.advanceBy(0);
    const outcome = account.outcome(executionArn);
    expect(outcome).toMatchObject({ error: 'Enough', cause: 'the operator said so', seconds: 10 });
    expect(types(outcome)).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionAborted']);
    expect(outcome.events[2]).toMatchObject({ previousEventId: 0 });
    expect(account.clock.entries).toBe(0);
  });

  it('leaves an execution that has ended as it is', async () => {
    const account = new Account();
    const { executionArn = '' } = start(account, 'mine');
    await account.finish(executionArn);
    await account.clock.advanceBy(5000);
    expect((account.call('StopExecution', { executionArn }) as StopExecutionOutput).stopDate).toEqual(new Date(START + 60_000));
    expect(account.describe(executionArn).status).toBe('SUCCEEDED');
  });

  it('stops one that has not begun its first state', async () => {
    const account = new Account();
    const { executionArn = '' } = start(account, 'mine');
    account.call('StopExecution', { executionArn });
    await account.clock.advanceBy(1);
    expect(types(account.outcome(executionArn))).toEqual(['ExecutionStarted', 'ExecutionAborted']);
  });

  it('ends an execution that waits for a function, and ignores the answer', async () => {
    const account = new Account();
    let answer: (value: unknown) => void = () => undefined;
    account.functions['slow'] = () => new Promise((resolve) => (answer = resolve));
    const arn = account.begin({ Call: task('slow', { Next: 'After' }), After: { Type: 'Succeed' } });
    await account.clock.advanceBy(1000);
    account.call('StopExecution', { executionArn: arn });
    answer(1);
    await account.clock.advanceBy(1000);
    expect(types(account.outcome(arn)).slice(-3)).toEqual(['TaskScheduled', 'TaskStarted', 'ExecutionAborted']);
  });
});

describe('the time limit of a machine', () => {
  it('ends the execution TIMED_OUT with States.Timeout, which no catcher takes', async () => {
    const account = new Account();
    account.functions['never'] = () => new Promise(() => undefined);
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'End' }];
    const states = { Call: task('never', { Catch }), End: { Type: 'Succeed' } };
    const outcome = await account.run(states, {}, { TimeoutSeconds: 90 });
    expect(outcome).toMatchObject({ status: 'TIMED_OUT', error: undefined, cause: undefined, seconds: 90 });
    expect(outcome.events.at(-1)).toMatchObject({
      type: 'ExecutionTimedOut',
      previousEventId: 0,
      executionTimedOutEventDetails: { error: 'States.Timeout' },
    });
  });
});

describe('the 25,000 events of a history', () => {
  it('bound an execution: it fails, and its last event says so', async () => {
    const account = new Account();
    const states = { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'C' }, C: loop() };
    const outcome = await account.run({ ...states, End: { Type: 'Succeed' } });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(outcome.cause).toBe('The execution reached the maximum number of history events (25000).');
    const newest = {
      executionArn: 'arn:aws:states:eu-central-1:123456789012:execution:machine:run',
      reverseOrder: true,
      maxResults: 1,
    };
    const { events = [] } = account.call('GetExecutionHistory', newest) as GetExecutionHistoryOutput;
    expect(events[0]).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
  });

  function loop() {
    return { Type: 'Choice', Choices: [{ Condition: '{% $exists($states.input.never) %}', Next: 'End' }], Default: 'A' };
  }
});

describe('GetExecutionHistory', () => {
  it('answers pages of 100 in order, or in reverse, without payloads if asked', async () => {
    const account = new Account();
    const arn = account.begin(
      { Each: { Type: 'Map', Items: '{% [1..40] %}', ItemProcessor: processor(), End: true } },
      { secret: 1 },
    );
    await account.finish(arn);
    const first = account.call('GetExecutionHistory', { executionArn: arn }) as GetExecutionHistoryOutput;
    expect(first.events).toHaveLength(100);
    const second = account.call('GetExecutionHistory', {
      executionArn: arn,
      nextToken: first.nextToken,
    }) as GetExecutionHistoryOutput;
    expect(second.events?.map(({ id }) => id)).toEqual(Array.from({ length: 66 }, (_, index) => 101 + index));
    expect(second.nextToken).toBeUndefined();
    const bare = { executionArn: arn, reverseOrder: true, maxResults: 1000, includeExecutionData: false };
    const { events = [] } = account.call('GetExecutionHistory', bare) as GetExecutionHistoryOutput;
    expect(events[0]?.type).toBe('ExecutionSucceeded');
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(() => account.call('GetExecutionHistory', { executionArn: arn, nextToken: 'x' })).toThrow(
      expect.objectContaining({ code: 'InvalidToken' }),
    );
  });

  const processor = () => ({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } });
});

describe('the lists', () => {
  it('have executions newest first, by status if asked, and machines', async () => {
    const account = new Account();
    const arn = account.declare(jsonata(HOLD));
    start(account, 'one', '{}', arn);
    await account.clock.advanceBy(61_000);
    start(account, 'two', '{}', arn);
    const names = (input: object) =>
      (account.call('ListExecutions', { stateMachineArn: arn, ...input }) as ListExecutionsOutput).executions?.map(
        ({ name }) => name,
      );
    expect(names({})).toEqual(['two', 'one']);
    expect(names({ statusFilter: 'SUCCEEDED' })).toEqual(['one']);
    expect(names({ maxResults: 1 })).toEqual(['two']);
    const { stateMachines = [] } = account.call('ListStateMachines', {}) as ListStateMachinesOutput;
    expect(stateMachines).toEqual([{ stateMachineArn: arn, name: 'machine', type: 'STANDARD', creationDate: new Date(START) }]);
  });

  it('describe the machine an execution runs, also after another definition was declared', async () => {
    const account = new Account();
    const { executionArn } = start(account, 'one');
    const later = jsonata({ Other: { Type: 'Succeed' } });
    const stateMachineArn = account.declare(later);
    const of = (operation: string, input: object) =>
      JSON.parse((account.call(operation, input) as { definition: string }).definition) as unknown;
    expect(of('DescribeStateMachine', { stateMachineArn })).toEqual(later);
    expect(of('DescribeStateMachineForExecution', { executionArn })).toEqual(jsonata(HOLD));
    expect(types(await account.finish(executionArn ?? ''))).toContain('WaitStateExited');
  });
});

describe('status change events', () => {
  it('tell the bus of the start and of the end, as AWS does', async () => {
    const account = new Account();
    const arn = account.begin({ No: { Type: 'Fail', Error: 'Own', Cause: 'why' } }, { a: 1 });
    await account.finish(arn);
    const detail = {
      executionArn: arn,
      stateMachineArn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:machine',
      name: 'run',
      status: 'RUNNING',
      startDate: START,
      stopDate: null,
      input: '{"a":1}',
      output: null,
      error: null,
      cause: null,
    };
    expect(account.events).toMatchObject([
      { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', resources: [arn], detail },
      { detail: { ...detail, status: 'FAILED', stopDate: START, error: 'Own', cause: 'why' } },
    ]);
  });

  it.each([
    ['SUCCEEDED', { End: { Type: 'Succeed', Output: 1 } }, { output: '1' }],
    ['TIMED_OUT', { Hold: { Type: 'Wait', Seconds: 100, End: true } }, { error: null }],
  ])('tell %s', async (status, states, detail) => {
    const account = new Account();
    await account.run(states, {}, { TimeoutSeconds: 50 });
    expect(account.events[1]?.detail).toMatchObject({ status, ...detail });
  });

  it('tell ABORTED once, however often the execution is stopped', async () => {
    const account = new Account();
    const { executionArn = '' } = start(account, 'mine');
    await account.clock.advanceBy(1000);
    account.call('StopExecution', { executionArn, error: 'Enough' });
    account.call('StopExecution', { executionArn, error: 'More' });
    await account.clock.advanceBy(1000);
    expect(account.events.slice(1)).toMatchObject([{ detail: { status: 'ABORTED', error: 'Enough' } }]);
  });
});

describe('one seed', () => {
  it('gives one trace and one history, byte for byte', async () => {
    const story = async (seed: number) => {
      const account = new Account(seed);
      let calls = 0;
      account.functions['f'] = () =>
        ++calls % 3 === 0 ? { calls } : { kind: 'failed', errorType: 'Busy', errorMessage: '', payload: null };
      const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 7, MaxAttempts: 5, JitterStrategy: 'FULL' }];
      const Call = task('f', { Retry, Output: '{% [$uuid(), $random()] %}' });
      const Each = { Type: 'Map', Items: '{% [1..5] %}', ItemProcessor: { StartAt: 'Call', States: { Call } }, End: true };
      const outcome = await account.run({ Each });
      return JSON.stringify([outcome, account.trace.entries()]);
    };
    const first = await story(5);
    expect(await story(5)).toBe(first);
    expect(await story(6)).not.toBe(first);
  });
});
