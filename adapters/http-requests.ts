import { get } from 'node:http';
import type { Requests } from '../core/probe/ports.ts';
import { failureText } from './aws-failure.ts';

type Answer = Awaited<ReturnType<Requests['get']>>;

/** node:http and not fetch, which refuses some ports a service may well listen on. */
export class HttpRequests implements Requests {
  private readonly port: number;
  private readonly timeoutMs: number;

  constructor(port: number, timeoutMs: number) {
    this.port = port;
    this.timeoutMs = timeoutMs;
  }

  get(address: string, path: string): Promise<Answer> {
    return new Promise((resolve) => {
      const signal = AbortSignal.timeout(this.timeoutMs);
      const request = get({ host: address, port: this.port, path, agent: false, signal }, (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0 });
      });
      request.on('error', (cause) =>
        resolve({ why: signal.aborted ? `no answer within ${this.timeoutMs} ms` : failureText(cause) }),
      );
    });
  }
}
