/** The synthesized app, live in this process: sockets, worker threads and real machines; the wall clock times a speed. */
import { openRuntime } from '../../../local/runtime.ts';
import type { LiveRuntime } from '../../../local/runtime/live.ts';
import { MINUTE_MS, OpenedAccount, controlPlaneFacts } from '../app/opened-account.ts';
import type { Build } from '../app/opened-account.ts';

const LOOK_MS = 1000;
/** Its services are many: the quota is tried elsewhere. */
const VCPUS = 10_000;

export type ImageOf = (version: string, build: Build) => Promise<Uint8Array>;

export interface LiveAppOptions {
  readonly assembly: string;
  readonly speed: number;
  /** Other accounts run beside it. */
  readonly network: number;
  readonly imageOf: ImageOf;
}

export class LiveApp extends OpenedAccount<LiveRuntime> {
  readonly #imageOf: ImageOf;

  private constructor(runtime: LiveRuntime, facts: Readonly<Record<string, string>>, imageOf: ImageOf) {
    super(runtime, facts);
    this.#imageOf = imageOf;
  }

  static async open({ imageOf, ...options }: LiveAppOptions): Promise<LiveApp> {
    const runtime = await openRuntime({ mode: 'live', seed: 1, vcpus: VCPUS, ...options });
    return new LiveApp(runtime, await controlPlaneFacts(runtime), imageOf);
  }

  image(_service: string, version: string, build: Build): Promise<Uint8Array> {
    return this.#imageOf(version, build);
  }

  advance(minutes: number): Promise<void> {
    return new Promise((passed) => void this.runtime.account.world.time.after(minutes * MINUTE_MS, 'the test waits', passed));
  }

  async until(isSo: () => boolean, longestMs: number): Promise<void> {
    const giveUpAt = this.now + longestMs;
    while (!isSo()) {
      if (this.now > giveUpAt) throw new Error(`it was not so within ${longestMs / MINUTE_MS} minutes`);
      await this.advance(LOOK_MS / MINUTE_MS);
    }
  }
}
