/** Shares tasks out among as many threads as there are processors. Results are in the order of their tasks, whoever was quicker. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Result, Task } from './task.ts';

type Numbered<T> = readonly [index: number, of: T];

export async function shareOut(tasks: readonly Task[]): Promise<readonly Result[]> {
  const left = tasks.map((task, index): Numbered<Task> => [index, task]);
  const threads = Array.from({ length: Math.min(tasks.length, availableParallelism()) }, () => workOff(left));
  const results = (await Promise.all(threads)).flat();
  return results.toSorted(([one], [other]) => one - other).map(([, result]) => result);
}

async function workOff(left: Numbered<Task>[]): Promise<readonly Numbered<Result>[]> {
  const worker = new Worker(new URL('worker.ts', import.meta.url));
  const results: Numbered<Result>[] = [];
  try {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, task] = next;
      results.push([index, await ask(worker, task)]);
    }
    return results;
  } finally {
    await worker.terminate();
  }
}

const ask = (worker: Worker, task: Task) =>
  new Promise<Result>((resolve, reject) => {
    worker.once('message', (result: Result) => {
      worker.off('error', reject);
      resolve(result);
    });
    worker.once('error', reject);
    worker.postMessage(task);
  });
