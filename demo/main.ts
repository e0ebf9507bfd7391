/**
 * `npm run demo`: synthesizes the app, starts it on this machine, sends user traffic, and takes four releases of a
 * small service through it; then nodes die. Exits 0 if all that was expected happened, 1 if not, 2 if the demo itself broke.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openAccount } from './account.ts';
import { playDeaths, type DeathOutcome } from './deaths.ts';
import { machines } from './machines.ts';
import { processes } from './processes.ts';
import { summarize, toJson } from './report.ts';
import { Interrupted, startRuntime, synthesize, whenAborted, type Running } from './runtime.ts';
import { endsStable, type Builder, type Scenario } from './scenario.ts';
import { play, type Outcome } from './story.ts';
import { Traffic } from './traffic.ts';

interface Options {
  readonly scenario: Scenario;
  readonly speed: number;
  readonly seed: number;
  readonly json: boolean;
}

function readNumber(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`--${flag} takes a whole number from ${min} to ${max}, found "${text}"`);
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      speed: { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      vm: { type: 'boolean', default: false },
    },
  });
  const scenario = values.vm ? machines : processes;
  return {
    scenario,
    speed: readNumber('speed', values.speed ?? String(scenario.speed), 1, 120),
    seed: readNumber('seed', values.seed, 0, 2 ** 31),
    json: values.json,
  };
}

interface Told {
  readonly outcomes: readonly Outcome[];
  readonly deaths: readonly DeathOutcome[];
}

async function tellStory(running: Running, scenario: Scenario, builder: Builder): Promise<Told> {
  const { tell } = builder;
  const { requestsPerSecond } = scenario;
  const account = await openAccount(running.endpoint, running.region);
  tell(`The account answers at ${running.endpoint}; users connect to ${account.url}, ${requestsPerSecond} requests a second.`);
  const traffic = new Traffic(account.url, requestsPerSecond);
  traffic.start();
  try {
    const outcomes: Outcome[] = [];
    let stable: string | undefined;
    for (const chapter of scenario.chapters) {
      const outcome = await play({ scenario, builder, account, traffic, tell }, chapter, stable);
      outcomes.push(outcome);
      if (endsStable(chapter) && outcome.stage !== 'stable') break;
      if (outcome.stage === 'stable') stable = outcome.version;
    }
    const died = outcomes.flatMap((outcome) => outcome.died ?? []);
    const deaths = stable === undefined ? [] : await playDeaths({ scenario, account, traffic, tell }, stable, died);
    return { outcomes, deaths };
  } finally {
    await traffic.stop();
  }
}

async function run(options: Options, interrupted: AbortSignal): Promise<Told> {
  const tell = options.json ? () => undefined : (line: string) => console.log(line);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tandem-demo-'));
  let running: Running | undefined;
  try {
    const { services } = options.scenario;
    const assembly = path.join(folder, 'cdk.out');
    tell(`Synthesizing the app (services in ${services}) ...`);
    await synthesize(services, assembly, interrupted);
    tell('Starting what its templates declare ...');
    running = await startRuntime({ assembly, speed: options.speed, seed: options.seed }, interrupted);
    return await Promise.race([tellStory(running, options.scenario, { tell, folder, interrupted }), whenAborted(interrupted)]);
  } finally {
    await running?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Exit status where this machine lacks something: the demo did not begin. */
const MISSING = 2;
/** Exit status of a program that a signal ended, as shells have it. */
const INTERRUPTED = 130;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const missing = options.scenario.missing?.(process.env['PATH'] ?? '');
  if (missing !== undefined) {
    console.error(missing);
    return MISSING;
  }
  const interrupt = new AbortController();
  // Each time, not once: an impatient second Ctrl-C must not end this before it has cleaned up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt.abort(new Interrupted()));
  const begun = Date.now();
  const { outcomes, deaths } = await run(options, interrupt.signal);
  const told = { ...options, seconds: (Date.now() - begun) / 1000 };
  console.log(options.json ? JSON.stringify(toJson(outcomes, deaths, told), null, 2) : summarize(outcomes, deaths, told));
  return [...outcomes, ...deaths].some((outcome) => outcome.broken.length > 0) ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof Interrupted) {
      console.error('Interrupted; all it had started is ended.');
      process.exit(INTERRUPTED);
    }
    console.error(error instanceof Error ? error.message : String(error));
    console.error('Again with what the runtime says: npm run local -- --services examples/services');
    process.exit(2);
  },
);
