import { describe, expect, it } from 'vitest';
import { Account, failed, task, types } from './world.ts';

const branch = (states: Record<string, Record<string, unknown>>) => ({ StartAt: Object.keys(states)[0], States: states });
const waiting = (Seconds: number, Output: unknown) =>
  branch({ [`Hold ${Seconds}`]: { Type: 'Wait', Seconds, Output, End: true } });

describe('Parallel', () => {
  it('runs its branches at one time and answers their outputs in the order of the branches', async () => {
    const Branches = [waiting(20, 'slow'), waiting(10, '{% $states.input %}')];
    const outcome = await new Account().run(
      { Both: { Type: 'Parallel', Branches, Arguments: '{% $states.input.n %}', End: true } },
      { n: 3 },
    );
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: ['slow', 3], seconds: 20 });
    expect(types(outcome)).toEqual([
      'ExecutionStarted',
      'ParallelStateEntered',
      'ParallelStateStarted',
      'WaitStateEntered',
      'WaitStateEntered',
      'WaitStateExited',
      'WaitStateExited',
      'ParallelStateSucceeded',
      'ParallelStateExited',
      'ExecutionSucceeded',
    ]);
    // The first of each branch follows the start; success and exit follow the last branch to end.
    expect(outcome.events.map((event) => event.previousEventId)).toEqual([0, 0, 2, 3, 3, 5, 4, 7, 7, 9]);
  });

  it('fails with the error of the first branch to fail, and ends the others', async () => {
    const account = new Account();
    account.functions['f'] = () => failed('Broken');
    const Branches = [waiting(1000, 'never'), branch({ Brief: { Type: 'Wait', Seconds: 5, Next: 'Call' }, Call: task('f') })];
    const outcome = await account.run({ Both: { Type: 'Parallel', Branches, End: true } });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Broken', seconds: 5 });
    expect(types(outcome).slice(-4)).toEqual(['TaskFailed', 'WaitStateAborted', 'ParallelStateFailed', 'ExecutionFailed']);
    expect(account.clock.entries).toBe(0);
  });

  it('is retried and caught as a whole', async () => {
    const account = new Account();
    let calls = 0;
    account.functions['f'] = () => (++calls === 3 ? 'third' : failed('Broken'));
    const Retry = [{ ErrorEquals: ['Broken'], IntervalSeconds: 10, BackoffRate: 1 }];
    const Both = {
      Type: 'Parallel',
      Branches: [branch({ Call: task('f', { Output: '{% $states.result.Payload %}' }) })],
      Retry,
      End: true,
    };
    expect(await account.run({ Both })).toMatchObject({ output: ['third'], seconds: 20 });
  });
});

describe('Map', () => {
  const items = (Items: unknown, states: Record<string, Record<string, unknown>>, more = {}) => ({
    Each: { Type: 'Map', Items, ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...branch(states) }, End: true, ...more },
  });

  it('runs an item’s states with the item as input, and keeps the order of the items', async () => {
    const states = { Hold: { Type: 'Wait', Seconds: '{% 10 - $states.input %}', Output: '{% $states.input * 2 %}', End: true } };
    const outcome = await new Account().run(items('{% $states.input.list %}', states), { list: [1, 2, 3] });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: [2, 4, 6], seconds: 9 });
  });

  it('takes its own input as the items where none are given', async () => {
    const states = items(undefined, { Same: { Type: 'Pass', End: true } });
    expect((await new Account().run(states, ['a', 'b'])).output).toEqual(['a', 'b']);
    expect((await new Account().run(states, [])).output).toEqual([]);
    expect(await new Account().run(states, { no: 'array' })).toMatchObject({ error: 'States.QueryEvaluationError' });
  });

  it('selects the input of an item, and tells its index and value, inside too', async () => {
    const ItemSelector = {
      at: '{% $states.context.Map.Item.Index %}',
      is: '{% $states.context.Map.Item.Value %}',
      all: '{% $states.input.n %}',
    };
    const states = { Look: { Type: 'Pass', Output: '{% [$states.input, $states.context.Map.Item.Index] %}', End: true } };
    const outcome = await new Account().run(items(['x', 'y'], states, { ItemSelector }), { n: 7 });
    expect(outcome.output).toEqual([
      [{ at: 0, is: 'x', all: 7 }, 0],
      [{ at: 1, is: 'y', all: 7 }, 1],
    ]);
  });

  it('runs at most MaxConcurrency at a time, and 40 where nothing is said', async () => {
    const states = { Hold: { Type: 'Wait', Seconds: 10, End: true } };
    expect(await new Account().run(items('{% [1..5] %}', states, { MaxConcurrency: 2 }))).toMatchObject({ seconds: 30 });
    expect(await new Account().run(items('{% [1..41] %}', states))).toMatchObject({ seconds: 20 });
  });

  it('has the events of AWS', async () => {
    const outcome = await new Account().run(items([1], { Process: { Type: 'Pass', End: true } }));
    expect(outcome.events.map((event) => [event.type, event.previousEventId])).toEqual([
      ['ExecutionStarted', 0],
      ['MapStateEntered', 0],
      ['MapStateStarted', 2],
      ['MapIterationStarted', 3],
      ['PassStateEntered', 4],
      ['PassStateExited', 5],
      ['MapIterationSucceeded', 6],
      ['MapStateSucceeded', 7],
      ['MapStateExited', 7],
      ['ExecutionSucceeded', 9],
    ]);
    expect(outcome.events[2]?.mapStateStartedEventDetails).toEqual({ length: 1 });
    expect(outcome.events[3]?.mapIterationStartedEventDetails).toEqual({ index: 0, name: 'Each' });
  });

  const failing = {
    Which: { Type: 'Choice', Choices: [{ Condition: '{% $states.input < 0 %}', Next: 'No' }], Default: 'Hold' },
    No: { Type: 'Fail', Error: 'Negative', Cause: 'below zero' },
    Hold: { Type: 'Wait', Seconds: 10, End: true },
  };

  it('fails with the first item that fails, and aborts the rest', async () => {
    const outcome = await new Account().run(items([1, -1], failing));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Negative', cause: 'below zero', seconds: 0 });
    expect(types(outcome).slice(-5)).toEqual([
      'MapIterationFailed',
      'WaitStateAborted',
      'MapIterationAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  it('bears as many failed items as it tolerates, by count or by share', async () => {
    const kept = [1, { Error: 'Negative', Cause: 'below zero' }];
    expect(await new Account().run(items([1, -1], failing, { ToleratedFailureCount: 1 }))).toMatchObject({ output: kept });
    expect(await new Account().run(items([1, -1], failing, { ToleratedFailurePercentage: 50 }))).toMatchObject({ output: kept });
    const over = await new Account().run(items([1, -1, -2], failing, { ToleratedFailureCount: '{% 1 %}' }));
    expect(over).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
  });
});
