/** The synthesized app in an account of its own, on virtual time: what a user, an operator and an accident can do to it. */
import { openRuntime } from '../../../local/runtime.ts';
import type { InProcessOptions, InProcessRuntime } from '../../../local/runtime/in-process.ts';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { assemblyWith } from './assembly.ts';
import type { VirtualBlow } from '../../../local/kernel/ports.ts';
import { MINUTE_MS, OpenedAccount, controlPlaneFacts } from './opened-account.ts';
import type { Behaviour, Build } from './opened-account.ts';
import { Users } from './users.ts';
import type { UsersOptions } from './users.ts';

type Item = Readonly<Record<string, unknown>>;

export class Account extends OpenedAccount<InProcessRuntime> {
  /** S3's events, as they were put on the bus. */
  readonly s3Events: Item[] = [];
  readonly #faces = new Map<string, number>();

  private constructor(runtime: InProcessRuntime, facts: Readonly<Record<string, string>>) {
    super(runtime, facts);
    runtime.trace.subscribe(({ path, kind, data }) => {
      const event = data?.event as Item | undefined;
      if (path === 'events' && kind === 'put' && event?.source === 'aws.s3') this.s3Events.push(event);
    });
  }

  static async open(services: readonly string[], options: Partial<InProcessOptions> = {}): Promise<Account> {
    const runtime = await openRuntime({ seed: 1, ...options, mode: 'in-process', assembly: assemblyWith(services) });
    return new Account(runtime, await controlPlaneFacts(runtime));
  }

  // What users of Tandem do.

  /** A bundle the virtual instances run; users know it by its latency. */
  async image(service: string, version: string, build: Build, behaviour: Behaviour = {}): Promise<Buffer> {
    const face = this.face(service, version, build);
    const tar = pack();
    tar.entry({ name: 'run', mode: 0o755, mtime: new Date(0) }, '#!/bin/sh\n');
    tar.entry({ name: 'virtual.json', mtime: new Date(0) }, JSON.stringify({ latencyMs: face, ...behaviour }));
    tar.finalize();
    return buffer(tar);
  }

  face(service: string, version: string, build: Build): number {
    const name = `${service}/${version}/${build}`;
    const face = this.#faces.get(name) ?? 10 + this.#faces.size;
    this.#faces.set(name, face);
    return face;
  }

  faces(service: string, version: string): readonly number[] {
    return [this.face(service, version, 'linux'), this.face(service, version, 'unikernel')];
  }

  async users(service: string, options: UsersOptions = { perSecond: 4 }): Promise<Users> {
    return new Users(this.runtime, (await this.balancer(service)).host, options);
  }

  // What befalls nodes.

  async strike(instanceId: string, blow: VirtualBlow): Promise<void> {
    this.runtime.composed.network!.strike(await this.addressOf(instanceId), blow);
  }

  // Time.

  advance(minutes: number): Promise<void> {
    return this.runtime.clock.advanceBy(minutes * MINUTE_MS);
  }

  async until(isSo: () => boolean, longestMs: number): Promise<void> {
    await this.runtime.clock.runUntil(isSo, longestMs);
  }
}
