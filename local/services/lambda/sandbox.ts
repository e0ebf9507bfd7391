/**
 * Makes Node's globals and built-in modules ask the current scope (scope.ts) for time, chance, environment, console and
 * network. Installed once a process, at the first in-process function; outside a scope everything is as it was.
 */
import crypto from 'node:crypto';
import fsPromises from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { format } from 'node:util';
import type { RequestOptions } from 'node:http';
import { LoopbackClientRequest } from './loopback-request.ts';
import { currentScope } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Level } from './log.ts';

let isInstalled = false;

export function installSandbox(): void {
  if (isInstalled) return;
  isInstalled = true;
  patchDate();
  for (const home of [globalThis, timers]) patchTimers(home);
  wrap(timersPromises, 'setTimeout', (scope, ms, value) => sleep(scope, ms, value));
  patchChance();
  patchProcess();
  patchConsole();
  patchOutput();
  for (const home of [http, https]) patchRequests(home);
  // Named imports of built-in modules (`import { request } from 'node:http'`) follow only after this.
  syncBuiltinESMExports();
}

const asObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

type InScope = (scope: Scope, ...args: unknown[]) => unknown;

/** Outside a scope the original answers. */
function wrap(home: object, name: string, inScope: InScope): void {
  const original: unknown = Reflect.get(home, name);
  if (typeof original !== 'function') throw new TypeError(`there is no ${name} to wrap`);
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    const scope = currentScope();
    return scope === undefined ? Reflect.apply(original, this, args) : inScope(scope, ...args);
  };
  Reflect.defineProperty(home, name, { value: wrapped, writable: true, configurable: true, enumerable: true });
}

function patchDate(): void {
  const RealDate = globalThis.Date;
  const now = () => currentScope()?.time.now() ?? RealDate.now();
  // A proxy, so that instanceof and every method stay the real ones'.
  const ScopedDate: DateConstructor = new Proxy(RealDate, {
    construct(target, args: readonly unknown[], caller): object {
      const made: unknown = Reflect.construct(
        target,
        args.length === 0 ? [now()] : args,
        caller === ScopedDate ? target : caller,
      );
      return asObject(made);
    },
    apply: () => new RealDate(now()).toString(),
    get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
  });
  globalThis.Date = ScopedDate;
  wrap(performance, 'now', (scope) => scope.time.now() - RealDate.UTC(2030, 0, 1));
}

const sleep = (scope: Scope, ms: unknown, value: unknown) =>
  new Promise((done) => void scope.setTimer(Number(ms ?? 0), () => done(value)));

/** As much of Node's Timeout as is used: clearTimeout takes it, or the number it turns into. */
class ScopedTimer {
  readonly #scope: Scope;
  readonly #ms: number;
  readonly #run: () => void;
  #id: number;

  constructor(scope: Scope, ms: unknown, run: () => void) {
    this.#scope = scope;
    this.#ms = Number(ms ?? 0);
    this.#run = run;
    this.#id = scope.setTimer(this.#ms, run);
  }

  refresh(): this {
    this.#scope.clearTimer(this.#id);
    this.#id = this.#scope.setTimer(this.#ms, this.#run);
    return this;
  }

  close(): this {
    this.#scope.clearTimer(this.#id);
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

function patchTimers(home: object): void {
  wrap(home, 'setTimeout', (scope, run, ms, ...args) => new ScopedTimer(scope, ms, () => call(run, args)));
  wrap(home, 'setInterval', (scope, run, ms, ...args) => {
    const timer: ScopedTimer = new ScopedTimer(scope, ms, () => {
      timer.refresh();
      call(run, args);
    });
    return timer;
  });
  for (const name of ['clearTimeout', 'clearInterval']) {
    wrap(home, name, (scope, timer) => {
      if (timer instanceof ScopedTimer) timer.close();
      else if (typeof timer === 'number') scope.clearTimer(timer);
    });
  }
}

function call(run: unknown, args: readonly unknown[]): void {
  if (typeof run === 'function') Reflect.apply(run, undefined, args);
}

function patchChance(): void {
  wrap(Math, 'random', (scope) => scope.random.next());
  wrap(crypto, 'randomUUID', (scope) => scope.random.uuid());
  wrap(globalThis.crypto, 'randomUUID', (scope) => scope.random.uuid());
  for (const home of [crypto, globalThis.crypto]) wrap(home, 'getRandomValues', fill);
  const bytes: InScope = (scope, size, done) => {
    const drawn = Buffer.from(scope.random.hex(2 * Number(size)), 'hex');
    if (typeof done !== 'function') return drawn;
    process.nextTick(done, null, drawn);
    return undefined;
  };
  wrap(crypto, 'randomBytes', bytes);
}

const fill: InScope = (scope, array) => {
  if (!ArrayBuffer.isView(array)) throw new TypeError('getRandomValues takes a typed array');
  const view = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let index = 0; index < view.length; index += 1) view[index] = scope.random.below(256);
  return array;
};

function patchProcess(): void {
  const real = process.env;
  const environment = () => currentScope()?.environment;
  process.env = new Proxy(real, {
    get: (target, name): unknown => (typeof name === 'string' ? (environment() ?? target)[name] : Reflect.get(target, name)),
    has: (target, name) => Reflect.has(environment() ?? target, name),
    ownKeys: (target) => Reflect.ownKeys(environment() ?? target),
    getOwnPropertyDescriptor: (target, name) => {
      const found = Reflect.getOwnPropertyDescriptor(environment() ?? target, name);
      return found && { ...found, configurable: true };
    },
  });
  // The SDK looks for configuration files; a real read would finish in an order nobody chose.
  const { readFile } = fsPromises;
  wrap(fsPromises, 'readFile', async (_, ...args) => {
    const [path] = args;
    const content: unknown = path === '/dev/null' ? '' : await Reflect.apply(readFile, fsPromises, args);
    return content;
  });
}

const LEVELS: Readonly<Record<string, Level>> = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
};

function patchConsole(): void {
  for (const [name, level] of Object.entries(LEVELS)) {
    wrap(console, name, (scope, ...args) => scope.log.say(level, format(...args)));
  }
}

function patchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    wrap(stream, 'write', (scope, chunk) => {
      scope.log.print(typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk.toString() : '');
      return true;
    });
  }
}

function patchRequests(home: typeof http | typeof https): void {
  const request: InScope = (scope, first, second, third) => {
    const [options, onResponse] = toOptions(first, second, third);
    const made = new LoopbackClientRequest(scope, options);
    if (typeof onResponse === 'function') made.once('response', (answer: unknown) => call(onResponse, [answer]));
    return made;
  };
  wrap(home, 'request', request);
  wrap(home, 'get', (scope, ...args) => {
    const made = request(scope, ...args);
    if (made instanceof LoopbackClientRequest) made.end();
    return made;
  });
}

/** request(url, options?, callback?) and request(options, callback?). */
function toOptions(first: unknown, second: unknown, third: unknown): readonly [RequestOptions, unknown] {
  if (typeof first !== 'string' && !(first instanceof URL)) return [asObject(first), second];
  const url = new URL(first);
  const fromUrl = { hostname: url.hostname, port: url.port, path: `${url.pathname}${url.search}` };
  return typeof second === 'function' ? [fromUrl, second] : [{ ...fromUrl, ...asObject(second) }, third];
}
