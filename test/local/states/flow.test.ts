import { describe, expect, it } from 'vitest';
import { Account, ROLE, START, task, types } from './world.ts';

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
    expect(outcome.events.map((event) => event.previousEventId)).toEqual([0, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(outcome.events.map((event) => event.id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(outcome.events[7]?.timestamp).toEqual(new Date(START + 60_000));
  });

  it('gives a state without Output its input, and ends early at Succeed', async () => {
    const states = {
      Keep: { Type: 'Pass', Next: 'Done' },
      Done: { Type: 'Succeed', Output: { kept: '{% $states.input %}' } },
    };
    expect(await new Account().run(states, [1, null, 'x'])).toMatchObject({
      status: 'SUCCEEDED',
      output: { kept: [1, null, 'x'] },
    });
  });

  it('ends FAILED with the Error and Cause of a Fail state, which may be JSONata', async () => {
    const states = { Stop: { Type: 'Fail', Error: "{% 'Bad' & $states.input.kind %}", Cause: 'because' } };
    const outcome = await new Account().run(states, { kind: 'Apple' });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'BadApple', cause: 'because', output: undefined });
    expect(types(outcome)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
    expect(outcome.events[2]?.executionFailedEventDetails).toEqual({ error: 'BadApple', cause: 'because' });
  });

  it('tells expressions of the execution, the machine, the state and its entered time', async () => {
    const outcome = await new Account().run(
      {
        Later: { Type: 'Wait', Seconds: 5, Next: 'Look' },
        Look: { Type: 'Pass', Output: '{% $states.context %}', End: true },
      },
      { a: 1 },
    );
    expect(outcome.output).toEqual({
      Execution: {
        Id: 'arn:aws:states:eu-central-1:123456789012:execution:machine:run',
        Input: { a: 1 },
        StartTime: '2030-01-01T00:00:00.000Z',
        Name: 'run',
        RoleArn: ROLE,
        RedriveCount: 0,
      },
      StateMachine: { Id: 'arn:aws:states:eu-central-1:123456789012:stateMachine:machine', Name: 'machine' },
      State: { Name: 'Look', EnteredTime: '2030-01-01T00:00:05.000Z' },
    });
  });
});

describe('Choice', () => {
  const choose = (extra: Record<string, unknown> = { Default: 'Other' }) => ({
    Choose: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.n > 10 %}', Next: 'Big', Output: 'big', Assign: { by: 'rule one' } },
        { Condition: '{% $states.input.n > 5 %}', Next: 'Big', Assign: { by: 'rule two' } },
      ],
      Assign: { by: 'default' },
      Output: { otherwise: '{% $states.input.n %}' },
      ...extra,
    },
    Big: { Type: 'Pass', Output: { by: '{% $by %}', got: '{% $states.input %}' }, End: true },
    Other: { Type: 'Pass', Output: { by: '{% $by %}', got: '{% $states.input %}' }, End: true },
  });

  it('takes the first rule that holds, with that rule’s Assign and Output', async () => {
    expect((await new Account().run(choose(), { n: 11 })).output).toEqual({ by: 'rule one', got: 'big' });
  });

  it('passes the input on where the rule has no Output', async () => {
    expect((await new Account().run(choose(), { n: 6 })).output).toEqual({ by: 'rule two', got: { n: 6 } });
  });

  it('takes Default with the state’s own Assign and Output when no rule holds', async () => {
    expect((await new Account().run(choose(), { n: 1 })).output).toEqual({ by: 'default', got: { otherwise: 1 } });
  });

  it('fails with States.NoChoiceMatched where nothing holds and there is no Default', async () => {
    const states = {
      Choose: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'End' }] },
      End: { Type: 'Succeed' },
    };
    const outcome = await new Account().run(states);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
    expect(outcome.cause).toContain("'Choose' (entered at the event id #2)");
  });

  it('fails where a condition is not a boolean', async () => {
    const states = {
      Choose: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n %}', Next: 'End' }], Default: 'End' },
      End: { Type: 'Succeed' },
    };
    const outcome = await new Account().run(states, { n: 1 });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(outcome.cause).toContain('Choices[0]/Condition');
  });
});

describe('Wait', () => {
  const wait = (fields: Record<string, unknown>) => ({ Hold: { Type: 'Wait', ...fields, End: true } });

  it('waits seconds that JSONata reckons', async () => {
    expect(await new Account().run(wait({ Seconds: '{% $states.input.s * 2 %}' }), { s: 45 })).toMatchObject({ seconds: 90 });
  });

  it('waits until a timestamp, and not at all for one that has passed', async () => {
    const until = wait({ Timestamp: '{% $states.input.t %}' });
    expect(await new Account().run(until, { t: '2030-01-02T00:00:00Z' })).toMatchObject({ seconds: 86_400 });
    expect(await new Account().run(until, { t: '2029-01-02T00:00:00Z' })).toMatchObject({ status: 'SUCCEEDED', seconds: 0 });
  });

  it('refuses what is no timestamp and no number of seconds', async () => {
    const bad = await new Account().run(wait({ Timestamp: '{% $states.input.t %}' }), { t: 'tomorrow' });
    expect(bad).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(bad.cause).toContain('"tomorrow"');
    const negative = await new Account().run(wait({ Seconds: '{% -1 %}' }));
    expect(negative).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });
});
