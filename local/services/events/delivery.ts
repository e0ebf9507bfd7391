/**
 * One event to one target. EventBridge delivers at least once and in no order; a target that cannot be reached for the
 * moment is tried again with growing, jittered waits; one that refuses for good, or for too long, loses the event to the
 * target's dead-letter queue (EventBridge user guide, "how EventBridge retries delivering events").
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Functions, Queues, StateMachines } from '../../kernel/ports.ts';
import type { World } from '../../kernel/world.ts';
import type { Rule, Target } from './rule.ts';
import { targetInput } from './target-input.ts';

const LONGEST_WAIT_MS = 15 * 60_000;

export interface DeliveryPorts {
  readonly world: World;
  readonly functions: Functions;
  readonly stateMachines: StateMachines;
  readonly queues: Queues;
}

export interface Parcel {
  readonly rule: Rule;
  readonly target: Target;
  readonly event: unknown;
  readonly since: number;
  readonly retries: number;
}

export function deliver(ports: DeliveryPorts, parcel: Parcel): void {
  const { rule, target, event } = parcel;
  try {
    handOver(ports, target, targetInput(target.input, event, rule));
    ports.world.trace.add(`events/${rule.name}`, 'delivered', {
      target: target.arn,
      ...(parcel.retries > 0 && { retries: parcel.retries }),
    });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    retry(ports, parcel, error);
  }
}

function handOver({ functions, stateMachines, queues }: DeliveryPorts, target: Target, input: string): void {
  switch (target.kind) {
    case 'lambda':
      functions.enqueue(target.arn, JSON.parse(input));
      break;
    case 'states':
      stateMachines.start(target.arn, input);
      break;
    case 'sqs':
      queues.send(target.arn, input);
      break;
  }
}

const isPassing = (error: AwsError) => error.status >= 500 || error.status === 429 || /Throttl|TooManyRequests/.test(error.code);

function retry(ports: DeliveryPorts, parcel: Parcel, error: AwsError): void {
  const { world } = ports;
  const { target, retries, since } = parcel;
  const wait = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** retries) * (0.5 + world.random.next() / 2);
  const hasTime = world.time.now() + wait - since <= target.maxAgeMs;
  if (isPassing(error) && hasTime && retries < target.maxRetries) {
    world.time.after(wait, `event for ${target.arn} again`, () => deliver(ports, { ...parcel, retries: retries + 1 }));
    return;
  }
  const exhausted: Record<string, string> = isPassing(error)
    ? { EXHAUSTED_RETRY_CONDITION: hasTime ? 'MaximumRetryAttempts' : 'MaximumEventAgeInSeconds' }
    : {};
  giveUp(ports, parcel, { ERROR_CODE: error.code, ERROR_MESSAGE: error.message, ...exhausted });
}

function giveUp(ports: DeliveryPorts, { rule, target, event, retries }: Parcel, why: Readonly<Record<string, string>>): void {
  ports.world.trace.add(`events/${rule.name}`, 'event dropped', { target: target.arn, ...why });
  if (target.deadLetterArn === undefined) return;
  const attributes = { RULE_ARN: rule.arn, TARGET_ARN: target.arn, RETRY_ATTEMPTS: String(retries), ...why };
  ports.queues.send(target.deadLetterArn, JSON.stringify(event), attributes);
}
