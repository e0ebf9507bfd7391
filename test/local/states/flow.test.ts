import { describe, expect, it } from 'vitest';
import { Account, task, types } from './world.ts';

describe('a state machine', () => {
  it('runs states in order, each output the next input, and ends with the last output', async () => {
    const account = new Account();
    account.functions['double'] = (payload) => (payload as { n: number }).n * 2;
    const outcome = await account.run(
      {
        Double: task('double', { Output: { n: '{% $states.result.Payload %}' }, Next: 'Wait a minute' }),
        'Wait a minute': { Type: 'Wait', Seconds: 60, Next: 'Add' },
        Add: { Type: 'Pass', Output: { sum: '{% $states.input.n + 1 %}' }, End: true },
      },
      { n: 21 },
    );
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { sum: 43 }, seconds: 60 });
    expect(types(outcome)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'WaitStateEntered',
      'WaitStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });
});
