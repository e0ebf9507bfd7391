import { DescribeRule$, ListRules$, ListTargetsByRule$, PutEvents$, TestEventPattern$ } from '@aws-sdk/client-eventbridge';
import type {
  DescribeRuleRequest,
  ListRulesRequest,
  ListTargetsByRuleRequest,
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResultEntry,
  TestEventPatternRequest,
} from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../kernel/aws-error.ts';
import type { BusEvent, EventBus } from '../../kernel/ports.ts';
import type { LocalService, Operation } from '../../kernel/service.ts';
import type { Entry } from '../../kernel/world.ts';
import { deliver } from './delivery.ts';
import type { DeliveryPorts } from './delivery.ts';
import { PatternError, compilePattern } from './pattern.ts';
import { readRule } from './rule.ts';
import type { Rule } from './rule.ts';

const GAPS = [
  'only the default event bus; targets are functions, state machines and queues; no archives, pipes, schedules of EventBridge Scheduler',
  'cron expressions know no L, W and #',
  'in an input template, what a path does not find is null; AWS leaves it out, which rarely is JSON',
  'a state folder keeps no events: those on their way to a target when a run ends are lost',
  'rights are not judged: a target is reached without a role or a resource policy',
];

/** Half a second is what EventBridge typically takes from event to target. */
const LATENCY_MS = { least: 100, most: 600 };

/** When an event reaches a target: after each of these waits. None: never; two: twice. For campaigns. */
export type DeliveryPlan = (event: Readonly<Record<string, unknown>>, rule: Rule) => readonly number[];

export interface EventsPorts extends DeliveryPorts {
  readonly plan?: DeliveryPlan;
}

export function createEvents(ports: EventsPorts): LocalService & EventBus {
  const rules = new Map<string, Rule>();
  const bus = new Bus(ports, rules);
  return {
    name: 'events',
    gaps: GAPS,
    operations: operationsOf(rules, bus),
    resources: {
      'AWS::Events::Rule': (resource) => {
        const rule = readRule(resource, ports.world);
        rules.set(rule.name, rule);
        return { ref: rule.name, attributes: { Arn: rule.arn } };
      },
    },
    put: (event) => void bus.put(event),
    start: () => bus.startSchedules(),
    stop: () => bus.stop(),
  };
}

class Bus {
  readonly #ports: EventsPorts;
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #scheduled = new Map<string, Entry>();

  constructor(ports: EventsPorts, rules: ReadonlyMap<string, Rule>) {
    this.#ports = ports;
    this.#rules = rules;
  }

  put(event: BusEvent): string {
    const { world } = this.#ports;
    const id = world.random.uuid();
    const whole = {
      version: '0',
      id,
      'detail-type': event['detail-type'],
      source: event.source,
      account: world.account.id,
      // EventBridge's events have whole seconds.
      time: new Date(event.time ?? world.time.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
      region: world.account.region,
      resources: event.resources ?? [],
      detail: event.detail,
    };
    world.trace.add('events', 'put', { event: whole });
    for (const rule of this.#rules.values()) {
      if (rule.isEnabled && rule.pattern?.matches(whole) === true) this.#send(rule, whole);
    }
    return id;
  }

  startSchedules(): void {
    for (const rule of this.#rules.values()) if (rule.isEnabled && rule.schedule) this.#scheduleNext(rule);
  }

  stop(): void {
    for (const entry of this.#scheduled.values()) entry.cancel();
    this.#scheduled.clear();
  }

  #scheduleNext(rule: Rule): void {
    const { world } = this.#ports;
    const next = rule.schedule?.next(world.time.now());
    if (next === undefined) return;
    const fire = () => {
      this.#scheduleNext(rule);
      this.#send(rule, this.#scheduledEvent(rule, next));
    };
    this.#scheduled.set(rule.name, world.time.at(next, `schedule of ${rule.name}`, fire));
  }

  #scheduledEvent(rule: Rule, at: number): Readonly<Record<string, unknown>> {
    const { account, random } = this.#ports.world;
    return {
      version: '0',
      id: random.uuid(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: account.id,
      time: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
      region: account.region,
      resources: [rule.arn],
      detail: {},
    };
  }

  #send(rule: Rule, event: Readonly<Record<string, unknown>>): void {
    const { world, plan } = this.#ports;
    const latency = LATENCY_MS.least + world.random.below(LATENCY_MS.most - LATENCY_MS.least);
    const waits = plan?.(event, rule) ?? [latency];
    for (const wait of waits) {
      for (const target of rule.targets) {
        const parcel = { rule, target, event, since: world.time.now(), retries: 0 };
        world.time.after(wait, `event for ${target.arn}`, () => deliver(this.#ports, parcel));
      }
    }
  }
}

function operationsOf(rules: ReadonlyMap<string, Rule>, bus: Bus): Readonly<Record<string, Operation>> {
  const getRule = (name = ''): Rule => {
    const rule = rules.get(name);
    if (rule) return rule;
    throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  };
  return {
    PutEvents: { schema: PutEvents$, run: (input: PutEventsRequest) => putEvents(bus, input) },
    ListRules: {
      schema: ListRules$,
      run: ({ NamePrefix = '' }: ListRulesRequest) => ({
        Rules: [...rules.values()].filter(({ name }) => name.startsWith(NamePrefix)).map(described),
      }),
    },
    DescribeRule: { schema: DescribeRule$, run: ({ Name }: DescribeRuleRequest) => described(getRule(Name)) },
    ListTargetsByRule: {
      schema: ListTargetsByRule$,
      run: ({ Rule: name }: ListTargetsByRuleRequest) => ({
        Targets: getRule(name).targets.map(({ id, arn }) => ({ Id: id, Arn: arn })),
      }),
    },
    TestEventPattern: { schema: TestEventPattern$, run: testEventPattern },
  };
}

const described = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  Description: rule.description,
  EventBusName: 'default',
  State: rule.isEnabled ? 'ENABLED' : 'DISABLED',
  EventPattern: rule.pattern?.text,
  ScheduleExpression: rule.schedule?.text,
});

function putEvents(bus: Bus, { Entries = [] }: PutEventsRequest) {
  if (Entries.length === 0 || Entries.length > 10) {
    throw new AwsError('ValidationException', `1 to 10 entries are allowed, found ${Entries.length}.`);
  }
  const results = Entries.map((entry) => putEntry(bus, entry));
  return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: results };
}

function putEntry(bus: Bus, entry: PutEventsRequestEntry): PutEventsResultEntry {
  const { Source, DetailType, Detail, Resources, Time } = entry;
  const failure = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  if (!Source) return failure('InvalidArgument', 'Parameter Source is not valid. Reason: Source is a required argument.');
  if (!DetailType)
    return failure('InvalidArgument', 'Parameter DetailType is not valid. Reason: DetailType is a required argument.');
  if (!Detail) return failure('InvalidArgument', 'Parameter Detail is not valid. Reason: Detail is a required argument.');
  if (Source.startsWith('aws.')) return failure('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = parseJson(Detail);
  if (typeof detail !== 'object' || detail === null) return failure('MalformedDetail', 'Detail is malformed.');
  const EventId = bus.put({
    source: Source,
    'detail-type': DetailType,
    detail,
    ...(Resources && { resources: Resources }),
    ...(Time && { time: Time.getTime() }),
  });
  return { EventId };
}

function testEventPattern({ EventPattern = '', Event = '' }: TestEventPatternRequest) {
  try {
    return { Result: compilePattern(parseJson(EventPattern))(parseJson(Event)) };
  } catch (cause) {
    if (cause instanceof PatternError) throw new AwsError('InvalidEventPatternException', cause.message, 400, { cause });
    throw cause;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
