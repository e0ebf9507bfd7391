import { describe, expect, it } from 'vitest';
import type { State, Task, Workflow } from '../../../lib/workflows/asl.ts';
import { checkWorkflow } from '../../../lib/workflows/check-workflow.ts';
import { CALLABLES, WORKFLOWS } from './lab.ts';

/** A workflow of ours with one of its states changed. */
function altered(name: string, state: string, change: (state: State) => State): Workflow {
  const workflow = WORKFLOWS[name]!;
  const found = workflow.States[state];
  if (!found) throw new Error(`${name} has no state "${state}"`);
  return { ...workflow, States: { ...workflow.States, [state]: change(found) } };
}

const check = (workflow: Workflow) => checkWorkflow(workflow, CALLABLES);

const withPayload = (change: (payload: Record<string, unknown>) => object) => (state: State) => {
  const task = state as Task;
  return {
    ...task,
    Arguments: { ...task.Arguments, Payload: change(task.Arguments['Payload'] as Record<string, unknown>) },
  } as Task;
};

describe('at synth a workflow', () => {
  it.each(Object.keys(WORKFLOWS))('%s holds its contracts', (name) => {
    expect(check(WORKFLOWS[name]!)).toEqual([]);
  });

  it('may not leave an argument out', () => {
    const workflow = altered(
      'release',
      'Launch canary nodes',
      withPayload((payload) => Object.fromEntries(Object.entries(payload).filter(([name]) => name !== 'phase'))),
    );
    expect(check(workflow)).toEqual(['"Launch canary nodes": does not give "phase"']);
  });

  it('may not give an argument nobody takes', () => {
    const workflow = altered(
      'release',
      'Launch canary nodes',
      withPayload((payload) => ({ ...payload, phse: 'canary' })),
    );
    expect(check(workflow)).toEqual(['"Launch canary nodes": gives "phse", which the contract does not take']);
  });

  it('may not give a literal the contract refuses', () => {
    const workflow = altered(
      'release',
      'Launch canary nodes',
      withPayload((payload) => ({ ...payload, phase: 'canry' })),
    );
    expect(check(workflow)).toEqual([
      expect.stringMatching(/^"Launch canary nodes": gives "phase": "canry", but Invalid option/),
    ]);
  });

  it('looks into branches and maps', () => {
    const [broken] = [WORKFLOWS['bake']!].map(
      (workflow) => JSON.parse(JSON.stringify(workflow).replace('"op":"copy"', '"op":"copi"')) as Workflow,
    );
    expect(check(broken!).join()).toContain('"Copy a piece"');
  });

  it('may not read a field that no answer has', () => {
    const workflow = altered(
      'watch-release',
      'Wait for more data',
      (state) => ({ ...state, Seconds: '{% $verdict.second %}' }) as State,
    );
    expect(check(workflow)).toEqual(['"Wait for more data": reads $verdict.second, which its contract does not have']);
    const result = altered(
      'rollback',
      'Record rolling back',
      (state) => ({ ...state, Assign: { ...(state as Task).Assign, fence: '{% $states.result.Payload.fense %}' } }) as State,
    );
    expect(check(result)).toEqual(['"Record rolling back": reads the answer.fense, which its contract does not have']);
  });

  it('may not read a variable that no state sets', () => {
    const workflow = altered('watch-release', 'Wait for more data', (state) => ({ ...state, Seconds: '{% $pause %}' }) as State);
    expect(check(workflow)).toEqual(['"Wait for more data": reads $pause, which no state sets']);
  });

  it('may not forget a kind of answer, nor wait for one that never comes', () => {
    const workflow = altered('watch-health', 'Are all nodes healthy?', (state) => {
      const choices = (state as Extract<State, { Type: 'Choice' }>).Choices;
      return {
        ...state,
        Choices: [choices[0]!, choices[1]!, { Condition: "{% $health.kind = 'ill' %}", Next: 'Healthy' }],
      } as State;
    });
    expect(check(workflow)).toEqual([
      '"Are all nodes healthy?": has no way on for $health.kind "failed"',
      '"Are all nodes healthy?": asks for $health.kind "ill", which is never answered',
    ]);
  });

  it('may not call what has no contract', () => {
    const workflow = altered(
      'release',
      'Launch canary nodes',
      (state) => ({ ...state, Arguments: { FunctionName: 'other', Payload: {} } }) as State,
    );
    expect(check(workflow)).toContain('"Launch canary nodes": calls something without a contract');
  });
});
