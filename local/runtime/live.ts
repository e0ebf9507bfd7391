/** An account that answers on loopback: sockets, worker threads, child processes, and the wall clock times a speed. */
import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { createGatewayServer } from '../gateway/server.ts';
import { LiveClock } from '../kernel/clock-live.ts';
import type { LogSink } from '../kernel/ports.ts';
import { PortUnusable } from '../kernel/port-unusable.ts';
import { createRandom } from '../kernel/random.ts';
import { MemoryTrace } from '../kernel/trace.ts';
import type { World } from '../kernel/world.ts';
import { LiveExecutor } from '../services/lambda/live-executor.ts';
import { Account, accountFacts } from './account.ts';
import { FileLedger, openRunDirectory } from './children.ts';
import { Keeper } from './state.ts';

export interface LiveOptions {
  /** A cloud assembly directory. */
  readonly assembly: string;
  readonly seed: number;
  readonly speed?: number;
  readonly region?: string;
  /** Of the gateway on 127.0.0.1; 0 or absent: any free one. */
  readonly port?: number | undefined;
  /** Another than that of every other account that runs on this machine; 0 unless given. */
  readonly network?: number | undefined;
  /** On-demand vCPUs of standard instances the account may run; 64 unless given. */
  readonly vcpus?: number;
  /** Folder that keeps the account between runs. */
  readonly stateDir?: string | undefined;
}

export interface LiveRuntime {
  readonly endpoint: string;
  readonly region: string;
  readonly trace: MemoryTrace;
  readonly account: Account;
  /** Known differences from AWS, by service. */
  readonly support: Readonly<Record<string, readonly string[]>>;
  /** What could not be taken back of the run before, a sentence each. */
  readonly notes: readonly string[];
  stop(): Promise<void>;
}

export const runsRoot = () => join(tmpdir(), `tandem-local-${userInfo().uid}`);

export async function openLive(options: LiveOptions): Promise<LiveRuntime> {
  const { seed, speed = 1, region = 'eu-west-1', port = 0, network, vcpus } = options;
  const stateDir = options.stateDir === undefined ? undefined : resolve(options.stateDir);
  const keeper = stateDir === undefined ? undefined : new Keeper({ directory: stateDir, seed, region, speed });
  const directory = openRunDirectory(runsRoot());
  let endpoint = '';
  const clock = new LiveClock({
    speed,
    ...(keeper?.startsAt !== undefined && { start: keeper.startsAt }),
    onError: (label, error) => trace.add('runtime', 'bug', { label, error: describe(error) }),
  });
  const trace: MemoryTrace = new MemoryTrace(() => clock.now());
  const random = keeper?.random ?? createRandom(seed);
  const world: World = { time: clock, random, trace, account: accountFacts(region, () => endpoint, network) };
  const executor = (logs: LogSink) => new LiveExecutor({ world, logs, speed });
  const children = new FileLedger(directory);
  const quota = vcpus === undefined ? {} : { vcpus };
  const parts = { world, executor, directory, kept: keeper?.place, speed, children, isVirtual: false, ...quota };
  const account = new Account(parts, keeper);
  const server = createGatewayServer(account.gateway, () => clock.now());
  const stop = async () => {
    await account.stop().finally(async () => {
      clock.stop();
      await close(server);
      keeper?.release();
      rmSync(directory, { recursive: true, force: true });
    });
  };
  try {
    endpoint = await listen(server, port);
    await account.start(options.assembly);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, region, trace, account, support: account.support, notes: account.notes, stop };
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((listening, reject) => {
    server.once('error', (error) =>
      reject(
        new PortUnusable(`the account cannot listen on 127.0.0.1:${port}: ${error.message}. Give another --port`, {
          cause: error,
        }),
      ),
    );
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      listening(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

const describe = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));
