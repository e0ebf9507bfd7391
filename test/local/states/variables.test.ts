import { describe, expect, it } from 'vitest';
import { Account } from './world.ts';

const look = (Output: unknown) => ({ Type: 'Pass', Output, End: true });

describe('variables', () => {
  it('are assigned when a state is left and read by every later state', async () => {
    const outcome = await new Account().run(
      {
        Set: { Type: 'Pass', Assign: { a: 1, b: { c: ['{% $states.input.x %}'] } }, Next: 'Between' },
        Between: { Type: 'Wait', Seconds: 1, Next: 'Look' },
        Look: look('{% [$a, $b.c[0]] %}'),
      },
      { x: 'y' },
    );
    expect(outcome.output).toEqual([1, 'y']);
    expect(outcome.events[2]?.stateExitedEventDetails).toMatchObject({
      name: 'Set',
      assignedVariables: { a: '1', b: '{"c":["y"]}' },
      assignedVariablesDetails: { truncated: false },
    });
  });

  it('keep their old values while a state’s Assign and Output are evaluated', async () => {
    const outcome = await new Account().run({
      Set: { Type: 'Pass', Assign: { a: 1, b: 2 }, Next: 'Swap' },
      Swap: { Type: 'Pass', Assign: { a: '{% $b %}', b: '{% $a %}' }, Output: '{% $a %}', Next: 'Look' },
      Look: look('{% {"was": $states.input, "now": [$a, $b]} %}'),
    });
    expect(outcome.output).toEqual({ was: 1, now: [2, 1] });
  });

  it('of an outer scope are read in branches and iterations; theirs end with them', async () => {
    const outcome = await new Account().run({
      Set: { Type: 'Pass', Assign: { outer: 'seen' }, Next: 'Both' },
      Both: {
        Type: 'Parallel',
        Branches: [
          {
            StartAt: 'A',
            States: { A: { Type: 'Pass', Assign: { inner: '{% $outer & " by A" %}' }, Next: 'A2' }, A2: look('{% $inner %}') },
          },
          { StartAt: 'B', States: { B: { Type: 'Wait', Seconds: 1, Next: 'B2' }, B2: look('{% $exists($inner) %}') } },
        ],
        Next: 'Look',
      },
      Look: look('{% {"branches": $states.input, "leaked": $exists($inner)} %}'),
    });
    expect(outcome.output).toEqual({ branches: ['seen by A', false], leaked: false });
  });

  it('that nobody assigned fail the expression that needs them', async () => {
    expect(await new Account().run({ Look: look('{% $nobody %}') })).toMatchObject({ error: 'States.QueryEvaluationError' });
  });

  it('are assigned by a catcher too, from the error', async () => {
    const outcome = await new Account().run({
      Try: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'No', States: { No: { Type: 'Fail', Error: 'No', Cause: 'never' } } }],
        Catch: [{ ErrorEquals: ['No'], Assign: { why: '{% $states.errorOutput.Cause %}' }, Output: 'caught', Next: 'Look' }],
        End: true,
      },
      Look: look('{% [$states.input, $why] %}'),
    });
    expect(outcome.output).toEqual(['caught', 'never']);
  });
});
