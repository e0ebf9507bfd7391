/** An account inside this process: no socket, thread or child; time moves when told; one seed gives one trace. */
import type { HookedCall } from '../gateway/hooks.ts';
import { VirtualClock } from '../kernel/clock-virtual.ts';
import type { LogSink, VirtualNetwork } from '../kernel/ports.ts';
import { quiet } from '../kernel/quiet.ts';
import { createRandom } from '../kernel/random.ts';
import { MemoryTrace } from '../kernel/trace.ts';
import type { World } from '../kernel/world.ts';
import type { Ec2Faults } from '../services/ec2/state.ts';
import type { DeliveryPlan } from '../services/events/events.ts';
import { InProcessExecutor } from '../services/lambda/in-process-executor.ts';
import { Account, accountFacts } from './account.ts';
import type { Composed } from './compose.ts';
import { askGateway, askNode } from './http.ts';

/** What happens to a function at one of its AWS calls: nothing, its end before the call, or its end after the call's effect. */
export type Fate = 'lives' | 'dies before' | 'dies after';

export interface FunctionCall {
  /** Counts the AWS calls of all functions, from 0. */
  readonly index: number;
  readonly service: string;
  readonly operation: string;
  /** Request id of the invocation. */
  readonly invocation: string;
}

export interface InProcessOptions {
  /** A cloud assembly directory. */
  readonly assembly: string;
  readonly seed: number;
  readonly region?: string;
  readonly fate?: (call: FunctionCall) => Fate;
  readonly deliveryPlan?: DeliveryPlan;
  /** On-demand vCPUs of standard instances the account may run. */
  readonly vcpus?: number;
  /** What EC2 fails at. */
  readonly ec2Faults?: Ec2Faults;
}

/** Nothing listens there: functions in process need no socket. */
const ENDPOINT = 'http://127.0.0.1:4588';
const HOST = new URL(ENDPOINT).host;

export interface InProcessRuntime {
  readonly clock: VirtualClock;
  readonly trace: MemoryTrace;
  readonly account: Account;
  readonly composed: Composed;
  stop(): Promise<void>;
}

export async function openInProcess(options: InProcessOptions): Promise<InProcessRuntime> {
  const executors: InProcessExecutor[] = [];
  const clock = new VirtualClock({ settle: () => quiet(() => executors.some(({ isImporting }) => isImporting)) });
  const trace = new MemoryTrace(() => clock.now());
  const facts = accountFacts(options.region ?? 'eu-west-1', () => ENDPOINT);
  const world: World = { time: clock, random: createRandom(options.seed), trace, account: facts };
  const executor = (logs: LogSink, network: VirtualNetwork | undefined) => {
    const made = new InProcessExecutor({
      world,
      logs,
      dispatch: (request, invocation) =>
        network !== undefined && request.host !== HOST
          ? askNode(network, clock, request)
          : askGateway(account.gateway, request, invocation),
    });
    executors.push(made);
    return made;
  };
  const account: Account = new Account({
    world,
    executor,
    children: { add: () => undefined, remove: () => undefined },
    isVirtual: true,
    ...(options.deliveryPlan && { deliveryPlan: options.deliveryPlan }),
    ...(options.vcpus !== undefined && { vcpus: options.vcpus }),
    ...(options.ec2Faults && { ec2Faults: options.ec2Faults }),
  });
  account.gateway.hooks = fateHooks(options, trace, (invocation) => executors.forEach((one) => one.kill(invocation)));
  await account.start(options.assembly);
  return { clock, trace, account, composed: account.composed, stop: () => account.stop() };
}

/** Traces each AWS call of a function, and ends the function where its fate says so: the call is then never answered. */
function fateHooks({ fate }: InProcessOptions, trace: MemoryTrace, kill: (invocation: string) => void) {
  const doomed = new Set<string>();
  let calls = 0;
  const end = (call: HookedCall, invocation: string) => {
    trace.add('campaign', 'killed', { service: call.service, operation: call.operation, invocation });
    kill(invocation);
    return new Promise<void>(() => undefined);
  };
  return {
    before(call: HookedCall): void | Promise<void> {
      const { invocation, service, operation, requestId } = call;
      if (invocation === undefined) return;
      const index = calls++;
      const fated = fate?.({ index, service, operation, invocation }) ?? 'lives';
      trace.add('gateway', 'call', { index, service, operation, invocation });
      if (fated === 'dies before') return end(call, invocation);
      if (fated === 'dies after') doomed.add(requestId);
    },
    after(call: HookedCall): void | Promise<void> {
      const { invocation, requestId } = call;
      if (invocation !== undefined && doomed.delete(requestId)) return end(call, invocation);
    },
  };
}
