import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import { RUNTIME, StateError } from '../language/state-error.ts';

/** AWS's quota: the execution fails when it would need more. The last event is the one that says how it ended. */
const EVENT_LIMIT = 25_000;

export type EventDetails = Omit<HistoryEvent, 'id' | 'timestamp' | 'type' | 'previousEventId'>;

/** What happened in an execution, as GetExecutionHistory answers it. */
export class History {
  readonly #events: HistoryEvent[];
  readonly #now: () => number;

  /** `past`: what happened already, of an execution that is taken up again. */
  constructor(now: () => number, past: readonly HistoryEvent[] = []) {
    this.#now = now;
    this.#events = [...past];
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  /** Adds an event and returns its id. Throws when only the last event has room. */
  add(type: HistoryEventType, previousEventId: number, details: EventDetails = {}): number {
    if (this.#events.length >= EVENT_LIMIT - 1) {
      throw new StateError(RUNTIME, `The execution reached the maximum number of history events (${EVENT_LIMIT}).`);
    }
    return this.end(type, previousEventId, details);
  }

  /** Adds the event that ends the execution, for which there is always room. */
  end(type: HistoryEventType, previousEventId: number, details: EventDetails = {}): number {
    const id = this.#events.length + 1;
    this.#events.push({ timestamp: new Date(this.#now()), type, id, previousEventId, ...details });
    return id;
  }
}
