/** One of the threads that share a campaign. */
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { tryScenario } from './campaign.ts';
import { SCENARIOS } from './scenario.ts';

const { names, runs, campaign } = z
  .object({ names: z.array(z.string()), runs: z.number(), campaign: z.number() })
  .parse(workerData);

const chosen = SCENARIOS.filter(({ name }) => names.includes(name));
parentPort?.postMessage(chosen.flatMap((scenario) => tryScenario(scenario, runs, campaign)));
