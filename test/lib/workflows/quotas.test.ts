/** What AWS allows an execution (Step Functions, "Quotas"), and what every call of a workflow must have. */
import { describe, expect, it } from 'vitest';
import type { Definition, State, Task } from '../../../lib/workflows/asl.ts';
import { Lab, WORKFLOWS } from './lab.ts';

const MOST_EVENTS = 25_000;
/** As many batches as a service file can ask for: `nodes` is at most 400, `maxSurge` at least 1. */
const MOST_BATCHES = 400;

const CAUGHT_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  bake: ['Copy a piece'],
  release: ['Bake Linux image', 'Bake unikernel image'],
  remediate: ['Conclude'],
  // It has nothing to fall back to.
  rollback: ['Record rolling back', 'Shift traffic back', 'Retire nodes of the release', 'Discard images', 'Record rolled back'],
};

function statesOf({ States }: Definition): [string, State][] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.Type === 'Parallel' ? state.Branches.flatMap(statesOf) : []),
    ...(state.Type === 'Map' ? statesOf(state.ItemProcessor) : []),
  ]);
}

const tasksOf = (name: string) => statesOf(WORKFLOWS[name]!).filter((entry): entry is [string, Task] => entry[1].Type === 'Task');
const withoutOf = (name: string, has: (task: Task) => boolean) =>
  tasksOf(name)
    .filter(([, task]) => !has(task))
    .map(([state]) => state);

describe.each(Object.keys(WORKFLOWS))('%s', (name) => {
  it('has a time limit, and gives one to every call', () => {
    expect(WORKFLOWS[name]!.TimeoutSeconds).toBeGreaterThan(0);
    expect(withoutOf(name, ({ TimeoutSeconds }) => TimeoutSeconds > 0)).toEqual([]);
  });

  it('asks again where Lambda was busy, save for a launch, which the next state asks for with the same token', () => {
    const insists = ({ Retry }: Task) =>
      (Retry ?? []).some(({ ErrorEquals }) =>
        ErrorEquals.some((error) => /^(Lambda\.TooManyRequestsException|States\.ALL)$/.test(error)),
      );
    expect(withoutOf(name, insists)).toEqual(name === 'remediate' ? ['Launch replacement'] : []);
  });

  it('catches every call that fails for good, save where what is around it does, or the sweep that begins it again', () => {
    const catches = ({ Catch }: Task) => (Catch ?? []).some(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
    expect(withoutOf(name, catches)).toEqual(CAUGHT_ELSEWHERE[name] ?? []);
  });
});

it('a release that grows 400 nodes one by one ends before its history is full', async () => {
  const lab = new Lab({
    'launch-nodes': ({ phase }, times) =>
      phase === 'promote' && times > MOST_BATCHES
        ? { kind: 'complete', why: 'all are there' }
        : { kind: 'launched', deadline: '2030-01-01T01:00:00.000Z', why: 'one more' },
  });
  expect(await lab.run('release')).toMatchObject({ status: 'SUCCEEDED' });
  expect(lab.story.filter((line) => line === 'launch-nodes promote')).toHaveLength(MOST_BATCHES + 1);
  expect(lab.historyLength('release')).toBeGreaterThan(MOST_BATCHES * 20);
  expect(lab.historyLength('release')).toBeLessThan(MOST_EVENTS * 0.8);
}, 120_000);
