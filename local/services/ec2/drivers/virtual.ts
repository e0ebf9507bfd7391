/**
 * The `virtual` driver: no process; the bundle's `virtual.json` says how the instance behaves, on the timetable and by
 * the world's dice. For in-process runs, where a week of releases takes seconds and one seed gives one trace.
 */
import { buffer } from 'node:stream/consumers';
import type { SnapshotReader, VirtualAnswer, VirtualBlow, VirtualNetwork } from '../../../kernel/ports.ts';
import type { Entry, World } from '../../../kernel/world.ts';
import { readBundle } from './bundle.ts';
import { isTar, rootBaseOf } from './driver.ts';
import type { Driver, Guest, Machine, MachineHooks } from './driver.ts';

export interface VirtualBehaviour {
  /** From launch to running. */
  readonly bootMs: number;
  /** From running to answering. */
  readonly listensAfterMs: number;
  readonly latencyMs: number;
  /** Share of requests answered 500, besides `healthPath`. */
  readonly errorRate: number;
  /** Always answered 200, unless `healthyForMs` is over. */
  readonly healthPath: string;
  /** From answering to answering 503 on `healthPath`; absent: for good. */
  readonly healthyForMs?: number;
  /** From running to powering off by itself; absent: never. */
  readonly diesAfterMs?: number;
  /** From running to answering nothing any more; absent: never. */
  readonly hangsAfterMs?: number;
}

const DEFAULT: VirtualBehaviour = { bootMs: 4_000, listensAfterMs: 1_000, latencyMs: 5, errorRate: 0, healthPath: '/healthz' };
const OPTIONAL = ['healthyForMs', 'diesAfterMs', 'hangsAfterMs'];
const NUMBERS = new Set(['bootMs', 'listensAfterMs', 'latencyMs', 'errorRate', ...OPTIONAL]);

/** An unknown field is refused: a misspelt `diesAfterMs` would be an instance that lives. */
export function parseBehaviour(text: string): VirtualBehaviour {
  const raw: unknown = JSON.parse(text);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new Error('virtual.json must be an object');
  for (const [name, value] of Object.entries(raw)) {
    const isFine = NUMBERS.has(name)
      ? typeof value === 'number' && value >= 0
      : name === 'healthPath' && typeof value === 'string';
    if (!isFine)
      throw new Error(
        `virtual.json: ${name} cannot be ${JSON.stringify(value)}; known are ${[...NUMBERS, 'healthPath'].join(', ')}`,
      );
  }
  return { ...DEFAULT, ...raw };
}

/** A completed snapshot never changes, so neither does what its reader reads: once per image, not per instance. */
const behaviours = new WeakMap<SnapshotReader, Promise<VirtualBehaviour>>();

function behaviourOf(disk: SnapshotReader): Promise<VirtualBehaviour> {
  const behaviour = behaviours.get(disk) ?? readBehaviour(disk);
  behaviours.set(disk, behaviour);
  return behaviour;
}

async function readBehaviour(disk: SnapshotReader): Promise<VirtualBehaviour> {
  let text = '{}';
  await readBundle(disk, async (entry, content) => {
    if (entry.kind === 'file' && entry.name === 'virtual.json') text = (await buffer(content)).toString();
  });
  return parseBehaviour(text);
}

export function createVirtualDriver(world: World): Driver & VirtualNetwork {
  const machines = new Map<string, VirtualMachine>();
  return {
    name: 'virtual',
    fits: isTar,
    boot(guest, disks, hooks) {
      const machine = new VirtualMachine(world, guest, hooks);
      machines.set(guest.address, machine);
      return machine.boot(rootBaseOf(disks));
    },
    request: (address, path) => machines.get(address)?.answer(path) ?? { kind: 'refused' },
    strike: (address, blow) => machines.get(address)?.strike(blow),
  };
}

class VirtualMachine implements Machine {
  readonly #world: World;
  readonly #guest: Guest;
  readonly #hooks: MachineHooks;
  #behaviour: VirtualBehaviour = DEFAULT;
  #runningSince: number | undefined;
  #isOff = false;
  #isHung = false;
  #isSick = false;
  #faltersAt: number | undefined;
  #entries: Entry[] = [];
  /** There is nothing to wait for. */
  readonly ended = Promise.resolve();

  constructor(world: World, guest: Guest, hooks: MachineHooks) {
    this.#world = world;
    this.#guest = guest;
    this.#hooks = hooks;
  }

  boot(disk: SnapshotReader): this {
    behaviourOf(disk).then(
      (behaviour) => this.#plan(behaviour),
      (error: unknown) =>
        this.#hooks.failed(`the bundle cannot be read: ${error instanceof Error ? error.message : String(error)}`),
    );
    return this;
  }

  stop(): void {
    this.#powerOff('asked to');
  }

  kill(): void {
    this.#powerOff('killed');
  }

  /** Nothing answers until it has booted again. */
  reset(): void {
    if (this.#isOff || this.#runningSince === undefined) return;
    const { bootMs } = this.#behaviour;
    this.#runningSince = this.#world.time.now() + bootMs;
    this.#after(bootMs, 'boots', () => this.#hooks.console(Buffer.from(BANNER)));
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }

  answer(path: string): VirtualAnswer {
    const {
      listensAfterMs,
      healthyForMs = Infinity,
      hangsAfterMs = Infinity,
      latencyMs,
      errorRate,
      healthPath,
    } = this.#behaviour;
    const upMs = this.#runningSince === undefined ? -1 : this.#world.time.now() - this.#runningSince;
    if (this.#isOff || this.#isHung || upMs < listensAfterMs || upMs >= hangsAfterMs) return { kind: 'refused' };
    const isWell = !this.#isSick && upMs - listensAfterMs < healthyForMs;
    if (path === healthPath) return { kind: 'answered', status: isWell ? 200 : 503, latencyMs };
    return { kind: 'answered', status: this.#world.random.next() < (this.#faltersAt ?? errorRate) ? 500 : 200, latencyMs };
  }

  strike({ kind, console = '', errorRate }: VirtualBlow): void {
    if (this.#isOff || this.#runningSince === undefined) return;
    if (console !== '') this.#hooks.console(Buffer.from(console));
    switch (kind) {
      case 'power-off':
        this.#powerOff('struck');
        return;
      case 'crash':
        this.#end(() => this.#hooks.crashed('struck'));
        return;
      case 'hang':
        this.#isHung = true;
        return;
      case 'sicken':
        this.#isSick = true;
        return;
      case 'falter':
        this.#faltersAt = errorRate;
        return;
      case 'reset':
        this.#isHung = true;
        this.#resetAgain();
    }
  }

  #resetAgain(): void {
    this.#hooks.console(Buffer.from(BANNER));
    this.#after(this.#behaviour.bootMs, 'resets', () => this.#resetAgain());
  }

  #plan(behaviour: VirtualBehaviour): void {
    if (this.#isOff) return;
    this.#behaviour = behaviour;
    this.#after(behaviour.bootMs, 'runs', () => {
      this.#runningSince = this.#world.time.now();
      this.#hooks.started();
      this.#hooks.console(Buffer.from(BANNER));
      if (behaviour.diesAfterMs !== undefined)
        this.#after(behaviour.diesAfterMs, 'dies', () => this.#powerOff('as virtual.json says'));
    });
  }

  #after(ms: number, what: string, run: () => void): void {
    this.#entries.push(this.#world.time.after(ms, `${this.#guest.instanceId} ${what}`, run));
  }

  #powerOff(why: string): void {
    this.#end(() => this.#hooks.poweredOff(why));
  }

  #end(tell: () => void): void {
    if (this.#isOff) return;
    this.#isOff = true;
    for (const entry of this.#entries) entry.cancel();
    this.#after(0, 'is off', tell);
  }
}

/** As firmware begins: by it boots are counted. */
const BANNER = 'SeaBIOS (version virtual)\n';
