import { createHash } from 'node:crypto';
import type { World } from '../../kernel/world.ts';

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly sentAt: number;
  receivedFirstAt?: number;
  receiveCount: number;
  visibleAt: number;
  /** Of the latest receipt: an older one no longer deletes, as on AWS it may not. */
  receipt?: string;
}

/** A standard queue. What has expired or is visible again is found when somebody looks: there is nothing on the timetable. */
export class Queue {
  readonly settings: QueueSettings;
  readonly createdAt: number;
  readonly #world: World;
  #messages: Message[] = [];
  #arrivals: (() => void)[] = [];

  constructor(world: World, settings: QueueSettings) {
    this.#world = world;
    this.settings = settings;
    this.createdAt = world.time.now();
  }

  send(body: string, attributes: Readonly<Record<string, string>> = {}): Message {
    const now = this.#world.time.now();
    const md5 = createHash('md5').update(body).digest('hex');
    const message = { id: this.#world.random.uuid(), body, md5, attributes, sentAt: now, receiveCount: 0, visibleAt: now };
    this.#messages.push(message);
    this.#world.trace.add(`sqs/${this.settings.name}`, 'sent', {
      messageId: message.id,
      body: body.slice(0, 1000),
      ...attributes,
    });
    for (const arrive of this.#arrivals.splice(0)) arrive();
    return message;
  }

  receive(most: number, visibilityTimeoutSeconds = this.settings.visibilityTimeoutSeconds): readonly Message[] {
    const now = this.#world.time.now();
    const visible = this.#alive()
      .filter((message) => message.visibleAt <= now)
      .slice(0, most);
    for (const message of visible) {
      message.visibleAt = now + visibilityTimeoutSeconds * 1000;
      message.receiveCount += 1;
      message.receivedFirstAt ??= now;
      message.receipt = this.#world.random.uuid();
    }
    return visible;
  }

  /** Waits, at most so long, until something may be received. */
  async wait(seconds: number): Promise<void> {
    const now = this.#world.time.now();
    if (seconds <= 0 || this.#alive().some((message) => message.visibleAt <= now)) return;
    const ends = this.#world.time.now() + seconds * 1000;
    const again = Math.min(ends, ...this.#alive().map((message) => message.visibleAt));
    await new Promise<void>((resolve) => {
      const entry = this.#world.time.at(again, `sqs/${this.settings.name} long poll`, resolve);
      this.#arrivals.push(() => {
        entry.cancel();
        resolve();
      });
    });
  }

  /** What is still in the queue, oldest first. */
  get messages(): readonly Message[] {
    return this.#alive();
  }

  /** Messages of a run before, which come before this one's. */
  restore(messages: readonly Message[]): void {
    this.#messages = [...messages, ...this.#messages];
  }

  delete(receipt: string): void {
    this.#messages = this.#messages.filter((message) => message.receipt !== receipt);
  }

  counts(): { readonly visible: number; readonly inFlight: number } {
    const now = this.#world.time.now();
    const visible = this.#alive().filter((message) => message.visibleAt <= now).length;
    return { visible, inFlight: this.#messages.length - visible };
  }

  #alive(): readonly Message[] {
    const oldest = this.#world.time.now() - this.settings.retentionSeconds * 1000;
    this.#messages = this.#messages.filter((message) => message.sentAt > oldest);
    return this.#messages;
  }
}
