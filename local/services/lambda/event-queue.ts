/**
 * Asynchronous invocation (Lambda developer guide, "error handling for asynchronous invocations"): a failed event is
 * tried again after one minute and once more after two; a throttled one until its age runs out, waiting one second at
 * first and five minutes at most. Then it goes to the on-failure destination or the dead-letter queue.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { EventBus, Invocation, Queues } from '../../kernel/ports.ts';
import type { World } from '../../kernel/world.ts';
import type { Registry, Target } from './registry.ts';

const RETRY_WAITS_MS = [60_000, 120_000];
const THROTTLED_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 300_000;

export interface EventQueuePorts {
  readonly world: World;
  readonly registry: Registry;
  readonly invoke: (target: Target, payload: unknown, requestId: string) => Promise<Invocation>;
  readonly queues: Queues;
  readonly bus: EventBus;
  /** For a destination that is a function. */
  readonly enqueue: (functionArn: string, payload: unknown) => void;
}

interface Event {
  readonly target: Target;
  readonly payload: unknown;
  readonly requestId: string;
  readonly queuedAt: number;
  readonly failures: number;
  readonly throttles: number;
}

type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

export class EventQueue {
  readonly #ports: EventQueuePorts;

  constructor(ports: EventQueuePorts) {
    this.#ports = ports;
  }

  add(target: Target, payload: unknown, requestId: string): void {
    const queuedAt = this.#ports.world.time.now();
    this.#schedule({ target, payload, requestId, queuedAt, failures: 0, throttles: 0 }, 0);
  }

  #schedule(event: Event, waitMs: number): void {
    this.#ports.world.time.after(waitMs, `event for ${event.target.fn.name}`, () => this.#attempt(event));
  }

  async #attempt(event: Event): Promise<void> {
    const outcome = await this.#invoke(event);
    if (outcome === 'throttled')
      this.#again({ ...event, throttles: event.throttles + 1 }, throttledWait(event.throttles), undefined);
    else if (outcome.kind === 'returned') this.#deliver(event, 'Success', outcome);
    else this.#afterFailure(event, outcome);
  }

  #afterFailure(event: Event, outcome: Invocation): void {
    const failed = { ...event, failures: event.failures + 1 };
    const { maxRetries } = this.#ports.registry.asyncConfig(event.target);
    if (event.failures >= maxRetries) this.#deliver(failed, 'RetriesExhausted', outcome);
    else this.#again(failed, RETRY_WAITS_MS[event.failures] ?? 0, outcome);
  }

  async #invoke(event: Event): Promise<Invocation | 'throttled'> {
    try {
      return await this.#ports.invoke(event.target, event.payload, event.requestId);
    } catch (error) {
      if (error instanceof AwsError && error.code === 'TooManyRequestsException') return 'throttled';
      throw error;
    }
  }

  #again(event: Event, waitMs: number, outcome: Invocation | undefined): void {
    const { maxAgeMs } = this.#ports.registry.asyncConfig(event.target);
    const isTooOld = this.#ports.world.time.now() + waitMs - event.queuedAt > maxAgeMs;
    if (isTooOld) this.#deliver(event, 'EventAgeExceeded', outcome);
    else this.#schedule(event, waitMs);
  }

  #deliver(event: Event, condition: Condition, outcome: Invocation | undefined): void {
    const { target } = event;
    const config = this.#ports.registry.asyncConfig(target);
    const destination = condition === 'Success' ? config.onSuccess : config.onFailure;
    if (condition !== 'Success') {
      this.#ports.world.trace.add(`lambda/${target.fn.name}`, 'event dropped', { requestId: event.requestId, condition });
      if (target.fn.deadLetterArn !== undefined) this.#sendDeadLetter(target.fn.deadLetterArn, event, outcome);
    }
    if (destination !== undefined)
      this.#sendRecord(destination, invocationRecord(event, condition, outcome, this.#ports.world.time.now()));
  }

  #sendDeadLetter(arn: string, event: Event, outcome: Invocation | undefined): void {
    this.#ports.queues.send(arn, JSON.stringify(event.payload), {
      RequestID: event.requestId,
      ErrorCode: '200',
      ErrorMessage: outcome?.kind === 'failed' ? outcome.errorMessage.slice(0, 1024) : 'event age exceeded',
    });
  }

  #sendRecord(destination: string, record: Readonly<Record<string, unknown>>): void {
    const service = destination.split(':')[2];
    if (service === 'sqs') this.#ports.queues.send(destination, JSON.stringify(record));
    else if (service === 'lambda') this.#ports.enqueue(destination, record);
    else if (service === 'events')
      this.#ports.bus.put({ source: 'lambda', 'detail-type': 'Lambda Function Invocation Result', detail: record });
    else this.#ports.world.trace.add('lambda', 'destination not known', { destination });
  }
}

const throttledWait = (throttles: number) => Math.min(LONGEST_WAIT_MS, THROTTLED_WAIT_MS * 2 ** throttles);

/** The invocation record a destination receives (Lambda developer guide, "capturing records of asynchronous invocations"). */
const invocationRecord = (event: Event, condition: Condition, outcome: Invocation | undefined, now: number) => ({
  version: '1.0',
  timestamp: new Date(now).toISOString(),
  requestContext: {
    requestId: event.requestId,
    functionArn: `${event.target.fn.arn}:${event.target.version}`,
    condition,
    approximateInvokeCount: event.failures + (condition === 'Success' ? 1 : 0),
  },
  requestPayload: event.payload,
  ...(outcome && {
    responseContext: {
      statusCode: 200,
      executedVersion: event.target.version,
      ...(outcome.kind === 'failed' && { functionError: 'Unhandled' }),
    },
    responsePayload: outcome.payload,
  }),
});
