import type { EventBus } from '../../kernel/ports.ts';
import type { Entry, World } from '../../kernel/world.ts';
import type { AlarmConfig } from './alarm.ts';
import { evaluateAlarm, EXTRA_PERIODS } from './alarm.ts';
import type { AlarmStatus } from './alarm-event.ts';
import { alarmEvent, alarmNotification, describeState } from './alarm-event.ts';
import type { MetricStore } from './metric-store.ts';
import { MINUTE_MS } from './metric-store.ts';
import { parseStatistic } from './statistic.ts';

/** SNS, as alarms use it. */
export interface Topics {
  publish(topicArn: string, message: { readonly subject: string; readonly message: string }): void;
}

interface Watched {
  readonly config: AlarmConfig;
  status: AlarmStatus;
  since: number;
}

/** Evaluates every alarm once a minute, each at its own second. */
export class Alarms {
  readonly #world: World;
  readonly #store: MetricStore;
  readonly #events: EventBus;
  readonly #topics: Topics | undefined;
  readonly #watched = new Map<string, Watched>();
  readonly #entries = new Map<string, Entry>();

  constructor(world: World, store: MetricStore, ports: { readonly events: EventBus; readonly topics?: Topics }) {
    this.#world = world;
    this.#store = store;
    this.#events = ports.events;
    this.#topics = ports.topics;
  }

  add(config: AlarmConfig): void {
    const now = this.#world.time.now();
    const status: AlarmStatus = { state: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation', at: now };
    this.#watched.set(config.name, { config, status, since: now });
  }

  list(): readonly { readonly config: AlarmConfig; readonly status: AlarmStatus }[] {
    return [...this.#watched.values()];
  }

  start(): void {
    for (const watched of this.#watched.values()) this.#schedule(watched, this.#world.random.below(MINUTE_MS));
  }

  stop(): void {
    for (const entry of this.#entries.values()) entry.cancel();
    this.#entries.clear();
  }

  #schedule(watched: Watched, delay: number): void {
    const { name } = watched.config;
    const entry = this.#world.time.after(delay, `cloudwatch evaluates ${name}`, () => {
      this.#evaluate(watched);
      this.#schedule(watched, MINUTE_MS);
    });
    this.#entries.set(name, entry);
  }

  #evaluate(watched: Watched): void {
    const { config, status } = watched;
    const { namespace } = config.metric;
    // On AWS its services always publish; here an alarm must not cry because nobody stands in for one of them.
    if (namespace.startsWith('AWS/') && !this.#store.knows(namespace)) return;
    const now = this.#world.time.now();
    const points = this.#points(config, watched.since, now);
    if (points.length === 0) return;
    const evaluation = evaluateAlarm(config, points, status.state);
    if (evaluation.state === status.state) return;
    const after = describeState(config, evaluation, { from: status.state, at: now });
    watched.status = after;
    this.#world.trace.add('cloudwatch', 'alarm', { alarm: config.name, from: status.state, to: after.state, why: after.reason });
    this.#events.put(alarmEvent(config, status, after));
    if (config.actionsEnabled) this.#act(config, status, after);
  }

  /** The last whole periods, oldest first. None from before the alarm was there: those would be missing, not silent. */
  #points(config: AlarmConfig, since: number, now: number) {
    const period = config.periodSeconds * 1000;
    const end = Math.floor(now / MINUTE_MS) * MINUTE_MS;
    const count = config.evaluationPeriods + EXTRA_PERIODS;
    const statistic = parseStatistic(config.statistic);
    const begins = Array.from({ length: count }, (_, i) => end - (count - i) * period);
    if (begins.every((at) => at + period <= since)) return [];
    return begins.map((at) => {
      const samples = this.#store.read(config.metric, { from: at, to: at + period, now });
      return { at, value: samples && statistic(samples) };
    });
  }

  #act(config: AlarmConfig, before: AlarmStatus, after: AlarmStatus): void {
    for (const action of config.actions[after.state]) {
      if (action.includes(':sns:') && this.#topics) this.#topics.publish(action, alarmNotification(config, before, after));
      else
        this.#world.trace.add('cloudwatch', 'action not taken', {
          alarm: config.name,
          action,
          why: 'only SNS topics are notified locally',
        });
    }
  }
}
