/** Shares tasks out among as many threads as there are processors. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Result, Task } from './task.ts';

export async function shareOut(tasks: readonly Task[]): Promise<readonly Result[]> {
  const left = [...tasks];
  const threads = Array.from({ length: Math.min(tasks.length, availableParallelism()) }, () => workOff(left));
  return (await Promise.all(threads)).flat();
}

async function workOff(left: Task[]): Promise<readonly Result[]> {
  const worker = new Worker(new URL('worker.ts', import.meta.url));
  const results: Result[] = [];
  try {
    for (let task = left.shift(); task !== undefined; task = left.shift()) results.push(await ask(worker, task));
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
