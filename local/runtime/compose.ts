/** Which services there are, and what each is given of the others. Ports that go round in a circle are bound late. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { AwsError } from '../kernel/aws-error.ts';
import type { Api, ChildLedger, EventBus, Functions, LogSink, VirtualNetwork } from '../kernel/ports.ts';
import type { LocalService, Operation } from '../kernel/service.ts';
import type { World } from '../kernel/world.ts';
import { createCloudWatch } from '../services/cloudwatch/cloudwatch.ts';
import { createDynamoDb } from '../services/dynamodb/dynamodb.ts';
import { createEbs } from '../services/ebs/api.ts';
import { MemoryBlocks, SparseFileBlocks } from '../services/ebs/blocks.ts';
import { createEc2 } from '../services/ec2/api.ts';
import { createProcessDriver } from '../services/ec2/drivers/process.ts';
import { createQemuDriver } from '../services/ec2/drivers/qemu/qemu.ts';
import { createVirtualDriver } from '../services/ec2/drivers/virtual.ts';
import type { Ec2Faults } from '../services/ec2/state.ts';
import { createElbv2 } from '../services/elbv2/elbv2.ts';
import { createEvents } from '../services/events/events.ts';
import type { DeliveryPlan } from '../services/events/events.ts';
import { createIam } from '../services/iam/iam.ts';
import type { Executor } from '../services/lambda/function.ts';
import { createLambda } from '../services/lambda/lambda.ts';
import { createLogs } from '../services/logs/logs.ts';
import { createServiceQuotas } from '../services/servicequotas/servicequotas.ts';
import { createS3 } from '../services/s3/api.ts';
import { DirectoryBlobs, MemoryBlobs } from '../services/s3/blobs.ts';
import { createSns } from '../services/sns/sns.ts';
import type { Sns } from '../services/sns/sns.ts';
import { createSqs } from '../services/sqs/sqs.ts';
import { createSsm } from '../services/ssm/ssm.ts';
import { createStates } from '../services/states/service.ts';

export interface ComposeParts {
  readonly world: World;
  /** What runs functions, given where their lines go. */
  readonly executor: (logs: LogSink, network: VirtualNetwork | undefined) => Executor;
  /** Where disks and objects lie; in memory without. */
  readonly directory?: string;
  /** Where what outlives the run lies; `series` is another one every run. */
  readonly kept?: { readonly directory: string; readonly series: string } | undefined;
  readonly children: ChildLedger;
  /** Instances answer out of this process and nothing opens a socket. */
  readonly isVirtual: boolean;
  /** Account seconds a real second; 1 unless given. */
  readonly speed?: number;
  readonly deliveryPlan?: DeliveryPlan;
  /** On-demand vCPUs of standard instances the account may run; 64 unless given. */
  readonly vcpus?: number;
  /** What EC2 fails at. */
  readonly ec2Faults?: Ec2Faults;
}

export interface Composed {
  readonly services: readonly LocalService[];
  readonly api: Api;
  readonly functions: Functions;
  readonly bus: EventBus;
  readonly objects: ReturnType<typeof createS3>;
  readonly topics: Sns;
  readonly loadBalancers: ReturnType<typeof createElbv2>;
  readonly network: VirtualNetwork | undefined;
}

export function composeServices(parts: ComposeParts): Composed {
  const { world, isVirtual } = parts;
  const virtual = createVirtualDriver(world);
  const network = isVirtual ? virtual : undefined;
  const late = new Late(world);
  const { bus, functions } = late;
  const queues = createSqs(world);
  const logs = createLogs(world);
  const topics = createSns(world, { queues, functions });

  const disk = parts.kept?.directory ?? parts.directory;
  const objects = createS3({
    world,
    bus,
    blobs: disk === undefined ? new MemoryBlobs() : new DirectoryBlobs(join(disk, 'objects'), parts.kept?.series),
  });
  const ebs = createEbs({
    world,
    bus,
    blocks: disk === undefined ? new MemoryBlocks() : new SparseFileBlocks(join(disk, 'snapshots')),
  });
  const limits = createServiceQuotas(world, parts.vcpus === undefined ? {} : { vcpus: parts.vcpus });
  const drivers = network ? [virtual] : [processDriver(parts), qemuDriver(parts)];
  const faults = parts.ec2Faults;
  const profiles = createIam(world);
  const ec2 = createEc2({ world, bus, snapshots: ebs.snapshots, drivers, limits, profiles, ...(faults && { faults }) });
  const metrics = createCloudWatch({ world, events: bus, topics });
  const loadBalancers = createElbv2({ world, instances: ec2, metrics, objects, ...(network && { network }) });
  const lambda = createLambda({ world, executor: parts.executor(logs, network), queues, bus, metrics });
  const speed = parts.speed ?? 1;
  const states = createStates({ world, bus, functions, api: late, metrics, speed });
  const plan = parts.deliveryPlan;
  const events = createEvents({ world, functions, stateMachines: states.machines, queues, ...(plan && { plan }) });
  const data = [createDynamoDb(world), createSsm(world), profiles, limits, queues, logs, topics];
  const services = [...data, objects, ebs, ec2, metrics, loadBalancers, lambda, states.service, events];
  late.bind({ bus: events, functions: lambda, services });
  return { services, api: late, functions: lambda, bus: events, objects, topics, loadBalancers, network };
}

const processDriver = ({ world, children, directory = '' }: ComposeParts) =>
  createProcessDriver({ directory: join(directory, 'instances'), children, time: world.time, path: process.env.PATH ?? '' });

const qemuDriver = ({ world, children, directory = '', speed = 1 }: ComposeParts) =>
  createQemuDriver({
    directory: join(directory, 'machines'),
    children,
    time: world.time,
    trace: world.trace,
    path: process.env.PATH ?? '',
    speed,
    cores: availableParallelism(),
  });

interface Bound {
  readonly bus: EventBus;
  readonly functions: Functions;
  readonly services: readonly LocalService[];
}

/** Stands for services that are made later; nothing is called before all are. */
class Late implements Api {
  readonly #world: World;
  #bound: Bound | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  bind(bound: Bound): void {
    this.#bound = bound;
  }

  readonly bus: EventBus = { put: (event) => this.#parts.bus.put(event) };
  readonly functions: Functions = {
    invoke: (name, payload) => this.#parts.functions.invoke(name, payload),
    enqueue: (name, payload) => this.#parts.functions.enqueue(name, payload),
  };

  async call(service: string, operation: string, input: unknown): Promise<unknown> {
    const found: Operation<unknown> | undefined = this.#parts.services.find(({ name }) => name === service)?.operations[
      operation
    ];
    if (!found) throw new AwsError('UnknownOperationException', `The local runtime does not have ${service}:${operation}.`, 501);
    return await found.run(input, { requestId: this.#world.random.uuid(), sourceIp: '127.0.0.1' });
  }

  get #parts(): Bound {
    if (this.#bound) return this.#bound;
    throw new TypeError('a service was called before all services were made');
  }
}
