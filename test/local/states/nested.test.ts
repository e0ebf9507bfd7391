import type { ListExecutionsOutput } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { Account, failed, jsonata, START, task, types } from './world.ts';

const CHILD = 'arn:aws:states:eu-central-1:123456789012:stateMachine:child';
const start = (how: string, Arguments: object, more = {}) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::states:startExecution${how}`,
  Arguments: { StateMachineArn: CHILD, ...Arguments },
  End: true,
  ...more,
});
const running = (account: Account): (string | undefined)[] =>
  ((account.call('ListExecutions', { stateMachineArn: CHILD }) as ListExecutionsOutput).executions ?? []).map(
    ({ status }) => status,
  );

function withChild(states: Record<string, Record<string, unknown>>): Account {
  const account = new Account();
  account.declare(jsonata(states), 'child');
  return account;
}

describe('states:startExecution.sync:2', () => {
  it('waits for the child and answers its output as JSON', async () => {
    const account = withChild({ Hold: { Type: 'Wait', Seconds: 30, Output: { got: '{% $states.input.n %}' }, End: true } });
    const outcome = await account.run({ Run: start('.sync:2', { Input: { n: '{% $states.input %}' }, Name: 'kid' }) }, 4);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', seconds: 30 });
    expect(outcome.output).toEqual({
      ExecutionArn: 'arn:aws:states:eu-central-1:123456789012:execution:child:kid',
      Input: { n: 4 },
      InputDetails: { Included: true },
      Name: 'kid',
      Output: { got: 4 },
      OutputDetails: { Included: true },
      RedriveCount: 0,
      StartDate: START,
      StateMachineArn: CHILD,
      Status: 'SUCCEEDED',
      StopDate: START + 30_000,
    });
    expect(types(outcome).slice(1, -2)).toEqual([
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
    ]);
  });

  it('fails as States.TaskFailed with the child’s description as cause, whatever the child’s own error', async () => {
    const account = withChild({ No: { Type: 'Fail', Error: 'Own', Cause: 'why' } });
    const outcome = await account.run({ Run: start('.sync:2', { Input: {} }) });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(outcome.cause ?? '')).toMatchObject({ Status: 'FAILED', Error: 'Own', Cause: 'why', Input: '{}' });
  });

  it('stops the child when the parent is stopped', async () => {
    const account = withChild({ Hold: { Type: 'Wait', Seconds: 1000, End: true } });
    const arn = account.begin({ Run: start('.sync:2', {}) });
    await account.clock.advanceBy(10_000);
    expect(running(account)).toEqual(['RUNNING']);
    account.call('StopExecution', { executionArn: arn });
    const outcome = await account.finish(arn);
    expect(types(outcome).slice(-2)).toEqual(['TaskSubmitted', 'ExecutionAborted']);
    expect(running(account)).toEqual(['ABORTED']);
    expect(account.clock.entries).toBe(0);
  });

  it('stops the child when the task times out', async () => {
    const account = withChild({ Hold: { Type: 'Wait', Seconds: 1000, End: true } });
    expect(await account.run({ Run: start('.sync:2', {}, { TimeoutSeconds: 5 }) })).toMatchObject({
      error: 'States.Timeout',
      seconds: 5,
    });
    expect(running(account)).toEqual(['ABORTED']);
  });

  it('gives a child without a name one of its own each time', async () => {
    const account = withChild({ No: { Type: 'Fail', Error: 'Own' } });
    await account.run({ Run: start('.sync:2', {}, { Retry: [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 2 }] }) });
    expect(running(account)).toEqual(['FAILED', 'FAILED', 'FAILED']);
  });
});

describe('states:startExecution', () => {
  it('goes on while the child runs', async () => {
    const account = withChild({ Hold: { Type: 'Wait', Seconds: 1000, End: true } });
    const outcome = await account.run({ Start: start('', { Name: 'kid', Input: [1] }) });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', seconds: 0 });
    expect(outcome.output).toMatchObject({ ExecutionArn: 'arn:aws:states:eu-central-1:123456789012:execution:child:kid' });
    expect(running(account)).toEqual(['RUNNING']);
  });

  it('fails by AWS’s name where one of that name has been, so that a catcher can take it as done', async () => {
    const account = withChild({ Done: { Type: 'Succeed' } });
    account.states.machines.start(CHILD, '{}', 'kid');
    await account.clock.advanceBy(1);
    const Catch = [{ ErrorEquals: ['StepFunctions.ExecutionAlreadyExistsException'], Next: 'Fine' }];
    const states = { Start: start('', { Name: 'kid' }, { Catch }), Fine: { Type: 'Succeed', Output: 'fine' } };
    expect(await account.run(states)).toMatchObject({ output: 'fine' });
  });

  it('fails where the machine does not exist', async () => {
    const outcome = await new Account().run({ Start: start('', {}) });
    expect(outcome.error).toBe('StepFunctions.StateMachineDoesNotExistException');
    const sync = await new Account().run({ Start: start('.sync:2', {}) });
    expect(sync.error).toBe('StepFunctions.StateMachineDoesNotExistException');
    expect(types(sync)).toContain('TaskSubmitFailed');
  });
});

describe('a parent that fails while a child runs', () => {
  it('stops the child of the other branch', async () => {
    const account = withChild({ Hold: { Type: 'Wait', Seconds: 1000, End: true } });
    account.functions['f'] = () => failed('Broken');
    const Branches = [
      { StartAt: 'Run', States: { Run: start('.sync:2', {}) } },
      { StartAt: 'Hold', States: { Hold: { Type: 'Wait', Seconds: 5, Next: 'Call' }, Call: task('f') } },
    ];
    const outcome = await account.run({ Both: { Type: 'Parallel', Branches, End: true } });
    expect(outcome).toMatchObject({ error: 'Broken', seconds: 5 });
    expect(running(account)).toEqual(['ABORTED']);
  });
});
