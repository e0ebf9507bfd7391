import { gzipSync } from 'node:zlib';
import type { ObjectStore } from '../../../kernel/ports.ts';
import type { Entry, World } from '../../../kernel/world.ts';
import type { AccessLogEntry } from '../core/access-log.ts';
import { toKey, toLine } from '../core/access-log.ts';
import type { LoadBalancer } from '../core/model.ts';

const EVERY_MS = 5 * 60_000;
/** ELB delivers several files for one period when there is much traffic; here from this size on. */
const FULL_BYTES = 1_000_000;

/** Gathers lines and puts them to the bucket every five minutes, compressed. */
export class AccessLogWriter {
  readonly #world: World;
  readonly #objects: ObjectStore;
  readonly #balancer: LoadBalancer;
  #lines: string[] = [];
  #bytes = 0;
  #entry: Entry | undefined;

  constructor(world: World, objects: ObjectStore, balancer: LoadBalancer) {
    this.#world = world;
    this.#objects = objects;
    this.#balancer = balancer;
  }

  start(): void {
    const now = this.#world.time.now();
    this.#entry = this.#world.time.at(
      (Math.floor(now / EVERY_MS) + 1) * EVERY_MS,
      `elbv2 delivers access log of ${this.#balancer.name}`,
      async () => {
        this.start();
        await this.flush();
      },
    );
  }

  async stop(): Promise<void> {
    this.#entry?.cancel();
    await this.flush();
  }

  add(entry: AccessLogEntry): void {
    if (!this.#balancer.accessLog) return;
    const line = toLine(entry);
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= FULL_BYTES) void this.flush();
  }

  async flush(): Promise<void> {
    const bucket = this.#balancer.accessLog?.bucket;
    if (bucket === undefined || this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#bytes = 0;
    const key = toKey(this.#world.account, this.#balancer, this.#world.time.now(), this.#world.random.hex(8));
    try {
      await this.#objects.put(bucket, key, gzipSync(`${lines.join('\n')}\n`));
    } catch (cause) {
      // Delivery of access logs is best effort on AWS too; what is lost is told.
      this.#world.trace.add('elbv2', 'access log lost', {
        bucket,
        key,
        lines: lines.length,
        why: cause instanceof Error ? cause.message : String(cause),
      });
    }
  }
}
