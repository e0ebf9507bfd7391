/** One of the threads that share a campaign: a task in, its result out. */
import { parentPort } from 'node:worker_threads';
import { tryScenario } from './campaign.ts';
import { SCENARIOS } from './scenario.ts';
import { type Result, type Task, TASK } from './task.ts';
import { EDGE_CASES, rejectionRate } from './validity.ts';

function work({ kind, name, runs, campaign }: Task): Result {
  if (kind === 'edge') {
    const edge = EDGE_CASES.find((one) => one.name === name);
    if (edge === undefined) throw new Error(`no such case: ${name}`);
    return { kind, name, rejected: rejectionRate(edge, { runs, campaign }) };
  }
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`no such scenario: ${name}`);
  return { kind, name, scores: tryScenario(scenario, { runs, campaign }) };
}

parentPort?.on('message', (message: unknown) => parentPort?.postMessage(work(TASK.parse(message))));
