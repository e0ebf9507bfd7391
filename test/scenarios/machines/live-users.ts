/** Users of one service, over its load balancer's socket. They come by account time, and wait as long as people do. */
import { Agent, get } from 'node:http';
import type { Timetable } from '../../../local/kernel/world.ts';

const PATIENCE_MS = 5_000;

export class LiveUsers {
  readonly #failures: number[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #time: Timetable;
  readonly #at: { readonly host: string; readonly port: number };
  readonly #everyMs: number;

  constructor(time: Timetable, at: { readonly host: string; readonly port: number }, everyMs: number) {
    [this.#time, this.#at, this.#everyMs] = [time, at, everyMs];
    this.#ask();
  }

  /** Of those who came since. */
  failedSince(since: number): number {
    return this.#failures.filter((at) => at >= since).length;
  }

  #ask(): void {
    const at = this.#time.now();
    const fail = () => void this.#failures.push(at);
    const request = get({ ...this.#at, path: '/', agent: this.#agent, timeout: PATIENCE_MS }, (response) => {
      if ((response.statusCode ?? 0) >= 500) fail();
      response.resume();
    });
    request.on('timeout', () => request.destroy());
    request.on('error', fail);
    this.#time.after(this.#everyMs, 'users', () => this.#ask());
  }
}
