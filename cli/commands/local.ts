import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { sessionCommands } from '../session.ts';
import { readText, readWhole, UsageError, type Command, type Io, type OptionValues } from '../command.ts';

const root = path.resolve(import.meta.dirname, '../..');

async function synthesize(services: string, out: string): Promise<void> {
  const child = spawn(process.execPath, ['scripts/synth.ts', '--services', path.resolve(services), '--out', out], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'close');
  if (child.exitCode !== 0) throw new UsageError('the app could not be synthesized; the lines above say why');
}

/**
 * Aborts on the first Ctrl-C or SIGTERM, or when the program that started this over a channel is gone; everything that was
 * started is then stopped in order.
 */
function interruption(): AbortSignal {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  process.once('SIGTERM', () => interrupt.abort());
  process.once('disconnect', () => interrupt.abort());
  // Listening holds the channel, and the channel would hold this process after everything in it has ended.
  process.channel?.unref();
  return interrupt.signal;
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  );

async function serve(
  assembly: string,
  options: OptionValues,
  { io, interrupted }: { readonly io: Io; readonly interrupted: AbortSignal },
) {
  // Only this command needs the runtime, which takes a second to load.
  const { MOST_NETWORK, openRuntime, PortUnusable, StateFolderError, TemplateError } = await import('../../local/runtime.ts');
  const speed = readWhole(options, 'speed', 1, 600);
  const runtime = await openRuntime({
    assembly,
    mode: 'live',
    speed,
    seed: readWhole(options, 'seed', 0, 2 ** 31),
    port: readWhole(options, 'port', 0, 65_535),
    network: readWhole(options, 'network', 0, MOST_NETWORK),
    stateDir: readText(options, 'state'),
  }).catch((cause: unknown) => {
    const isOperators = [PortUnusable, StateFolderError, TemplateError].some((kind) => cause instanceof kind);
    throw isOperators && cause instanceof Error ? new UsageError(cause.message, { cause }) : cause;
  });
  try {
    io.emit({ kind: 'ready', endpoint: runtime.endpoint, region: runtime.region });
    io.tell(`The account answers at ${runtime.endpoint} (${runtime.region}); its time runs ${speed} times as fast as yours.`);
    for (const note of runtime.notes) io.tell(note);
    for (const line of await sessionCommands(runtime.endpoint, runtime.region)) io.tell(line);
    await untilAborted(interrupted);
  } finally {
    await runtime.stop();
  }
}

/** In process, so that it can be asked beside a runtime that has the sockets. */
async function tellSupport(assembly: string, io: Io): Promise<void> {
  const { openRuntime } = await import('../../local/runtime.ts');
  const runtime = await openRuntime({ assembly, mode: 'in-process', seed: 1 });
  const { support } = runtime.account;
  await runtime.stop();
  io.emit(support);
  for (const [service, gaps] of Object.entries(support)) {
    io.tell(service);
    for (const gap of gaps) io.tell(`  ${gap}`);
  }
}

export const local: Command = {
  name: 'local',
  summary: 'Run the synthesized app on this machine, over AWS protocols',
  usage: '[--services DIR | --assembly DIR] [--speed N] [--port N] [--network N] [--state DIR]',
  options: {
    services: { type: 'string', help: 'Folder of service files to synthesize', default: 'examples/services' },
    assembly: { type: 'string', help: 'A cdk.out that exists already, instead of --services' },
    speed: { type: 'string', help: 'How many times faster than the wall clock the account runs', default: '1' },
    port: { type: 'string', help: 'Port of the AWS endpoint on 127.0.0.1; 0: any free one', default: '4588' },
    network: { type: 'string', help: 'Loopback addresses it takes: another number for each that runs at once', default: '0' },
    seed: { type: 'string', help: "Seed of the account's chance", default: '1' },
    support: { type: 'boolean', help: 'Say where the local services differ from AWS, and end' },
    state: { type: 'string', help: 'Folder that keeps the account between runs' },
  },
  async run(_args, options, io) {
    const assembly = readText(options, 'assembly');
    const interrupted = interruption();
    const run = (folder: string) =>
      options['support'] === true ? tellSupport(folder, io) : serve(folder, options, { io, interrupted });
    if (assembly) return run(path.resolve(assembly));
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tandem-local-'));
    try {
      io.tell('Synthesizing the app ...');
      await synthesize(readText(options, 'services') ?? '', folder);
      if (!interrupted.aborted) await run(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
