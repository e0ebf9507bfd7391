/** One of the threads that share a campaign: a task in, its result out. */
import { parentPort } from 'node:worker_threads';
import { LIVE_CASES, tryLive } from '../live/campaign.ts';
import { tryScenario } from './campaign.ts';
import { SCENARIOS } from './scenario.ts';
import { type Result, type Task, TASK } from './task.ts';
import { EDGE_CASES, rejectionRate } from './validity.ts';

async function work({ kind, name, runs, campaign }: Task): Promise<Result> {
  if (kind === 'live') {
    const live = LIVE_CASES.find((one) => one.name === name);
    if (live === undefined) throw new Error(`no such case: ${name}`);
    return { kind, name, score: await tryLive(live, { runs, campaign }) };
  }
  if (kind === 'edge') {
    const edge = EDGE_CASES.find((one) => one.name === name);
    if (edge === undefined) throw new Error(`no such case: ${name}`);
    return { kind, name, rejected: rejectionRate(edge, { runs, campaign }) };
  }
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`no such scenario: ${name}`);
  return { kind, name, scores: tryScenario(scenario, { runs, campaign }) };
}

parentPort?.on('message', (message: unknown) => {
  work(TASK.parse(message)).then(
    (result) => parentPort?.postMessage(result),
    (error: unknown) => {
      // Thrown outside the promise it ends the thread, and whoever waits for it is told.
      setImmediate(() => {
        throw error;
      });
    },
  );
});
