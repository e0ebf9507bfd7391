/** Kills a step at a port call, as a function that dies or times out would be. */

export class Killed extends Error {
  override readonly name = 'Killed';
}

export interface Crash {
  /** 1 is the first call of any port. It has its effect, and its caller dies. */
  readonly at: number;
}

/**
 * Counts the calls of all ports together, and dies once at the one named. Who is dead stays dead until revived: a step
 * that survives a failing port does not survive this.
 */
export class Saboteur {
  calls = 0;
  isDead = false;
  private crash: Crash | undefined;

  constructor(crash?: Crash) {
    this.crash = crash;
  }

  wrap<Ports extends object>(ports: Ports): Ports {
    return Object.fromEntries(
      Object.entries(ports).map(([name, port]) => [
        name,
        typeof port === 'object' && port !== null ? this.guard(port as object) : port,
      ]),
    ) as Ports;
  }

  private guard<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function'
          ? (...args: unknown[]) => this.call(() => Reflect.apply(member, target, args) as unknown)
          : member;
      },
    });
  }

  private call(run: () => unknown): unknown {
    if (this.isDead) return Promise.reject(new Killed('dead already'));
    this.calls++;
    const isNow = this.crash?.at === this.calls;
    if (!isNow) return run();
    this.crash = undefined;
    this.isDead = true;
    return Promise.resolve(run()).then(() => {
      throw new Killed(`after call ${this.calls}`);
    });
  }
}
