/**
 * One door for all local services: finds service and protocol per request, runs the operation, answers as AWS would.
 * Requests are not verified: credentials of any kind pass. `respond` needs no socket; `server.ts` puts it on HTTP.
 */
import { AwsError } from '../kernel/aws-error.ts';
import { createRandom } from '../kernel/random.ts';
import type { Call, LocalService, Operation } from '../kernel/service.ts';
import type { Random, World } from '../kernel/world.ts';
import { chooseProtocol } from '../protocols/choose.ts';
import { unknownOperation } from '../protocols/errors.ts';
import { isFields } from '../protocols/schema.ts';
import type { Protocol, WireRequest, WireResponse } from '../protocols/wire.ts';
import { CutConnection } from './hooks.ts';
import type { Hooks } from './hooks.ts';
import { serviceOf } from './service-of.ts';

/** A service that reads and writes its own wire. */
export interface WireService extends LocalService {
  respond(request: WireRequest): Promise<WireResponse>;
}

const speaksItself = (service: LocalService): service is WireService => 'respond' in service;

export interface GatewayOptions {
  readonly hooks?: Hooks;
  /** Told of what is neither an answer nor an AWS error: a fault in the local runtime itself. */
  readonly onBug?: (error: unknown, call: Call) => void;
}

export class Gateway {
  readonly #services: ReadonlyMap<string, LocalService>;
  readonly #onBug: (error: unknown, call: Call) => void;
  // Of its own, so that one request more does not change what the services draw.
  readonly #random: Random;
  /** May be exchanged while running. */
  hooks: Hooks;

  constructor(world: World, services: readonly LocalService[], options: GatewayOptions = {}) {
    this.#services = new Map(services.map((service) => [service.name, service]));
    this.#random = createRandom(world.random.below(2 ** 31));
    this.#onBug =
      options.onBug ?? ((error, call) => world.trace.add('gateway', 'bug', { requestId: call.requestId, error: String(error) }));
    this.hooks = options.hooks ?? {};
  }

  /** Answers a request; rejects only with CutConnection. */
  async respond(request: WireRequest, sourceIp = '127.0.0.1'): Promise<WireResponse> {
    const name = serviceOf(request);
    const service = name === undefined ? undefined : this.#services.get(name);
    const protocol = chooseProtocol(request, name ?? '');
    const invocation = request.headers['x-local-invocation'];
    const requestId = name === 's3' ? this.#random.hex(16).toUpperCase() : this.#random.uuid();
    const call: Call = { requestId, sourceIp, ...(invocation !== undefined && { invocation }) };
    try {
      if (service === undefined) throw this.#nobody(name, protocol);
      if (speaksItself(service)) return await this.#pass(service, request, call);
      return await this.#run(service, protocol, request, call);
    } catch (error) {
      if (error instanceof CutConnection) throw error;
      return protocol.refuse(this.#toAwsError(error, call), requestId, service);
    }
  }

  async #run(service: LocalService, protocol: Protocol, request: WireRequest, base: Call): Promise<WireResponse> {
    const asked = await protocol.ask(request, service);
    const operation: Operation<unknown> | undefined = asked.operation;
    if (operation === undefined) throw unknownOperation(protocol.unknown, asked.operationName, service);
    const call = { ...base, service: service.name, operation: asked.operationName, input: await asked.readInput() };
    await this.hooks.before?.(call);
    const outcome = await attempt(() => operation.run(call.input, base));
    await this.hooks.after?.(call, outcome.failure);
    if (outcome.failure !== undefined) throw outcome.failure;
    return protocol.answer(operation, outcome.output, base.requestId);
  }

  async #pass(service: WireService, request: WireRequest, base: Call): Promise<WireResponse> {
    const call = { ...base, service: service.name, operation: request.headers['x-amz-target']?.split('.').at(-1) ?? '' };
    await this.hooks.before?.(call);
    const response = await service.respond(request);
    await this.hooks.after?.(call, failureIn(response));
    return response;
  }

  #nobody(name: string | undefined, protocol: Protocol): AwsError {
    if (name === undefined)
      return new AwsError('MissingAuthenticationToken', 'The request is not signed, so it names no service.', 403);
    const known = [...this.#services.keys()].sort().join(', ');
    return new AwsError(protocol.unknown.code, `The local runtime does not have the service ${name}; it has ${known}.`, 501);
  }

  #toAwsError(error: unknown, call: Call): AwsError {
    if (error instanceof AwsError) return error;
    this.#onBug(error, call);
    return new AwsError(
      'InternalFailure',
      `The local runtime failed: ${error instanceof Error ? error.message : String(error)}`,
      500,
    );
  }
}

/** An AWS error is an outcome like another; anything else is a bug and goes on. */
async function attempt(run: () => unknown): Promise<{ readonly output?: unknown; readonly failure?: AwsError }> {
  try {
    return { output: await run() };
  } catch (error) {
    if (error instanceof AwsError) return { failure: error };
    throw error;
  }
}

/** The error in a JSON answer that a service wrote itself. */
function failureIn({ status, body }: WireResponse): AwsError | undefined {
  if (status < 300) return undefined;
  const parsed: unknown = typeof body === 'string' ? JSON.parse(body) : {};
  const type = isFields(parsed) && typeof parsed['__type'] === 'string' ? parsed['__type'] : 'Unknown';
  return new AwsError(type.split('#').at(-1) ?? type, `status ${status}`, status);
}
