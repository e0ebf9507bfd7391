import { readAssembly } from '../assembly/read-assembly.ts';
import { Gateway } from '../gateway/gateway.ts';
import type { AccountFacts, World } from '../kernel/world.ts';
import { composeServices } from './compose.ts';
import type { ComposeParts, Composed } from './compose.ts';
import { declareAssembly } from './declare.ts';
import type { Declared } from './declare.ts';
import type { Keeper } from './state.ts';

/** The account id of AWS's own examples. */
const ACCOUNT_ID = '111122223333';

export const accountFacts = (region: string, endpoint: () => string, network?: number): AccountFacts => ({
  id: ACCOUNT_ID,
  region,
  partition: 'aws',
  network,
  zones: ['a', 'b', 'c'].map((letter) => `${region}${letter}`),
  get endpoint() {
    return endpoint();
  },
});

/** All services over one world, and the door to them. Both ways to run an account are this, with other edges. */
export class Account {
  readonly world: World;
  readonly composed: Composed;
  readonly gateway: Gateway;
  readonly #keeper: Keeper | undefined;
  #declared: readonly Declared[] = [];
  #notes: readonly string[] = [];

  /** `keeper`: what keeps it between runs. */
  constructor(parts: ComposeParts, keeper?: Keeper) {
    this.#keeper = keeper;
    this.world = parts.world;
    this.composed = composeServices(parts);
    this.gateway = new Gateway(parts.world, this.composed.services);
  }

  get declared(): readonly Declared[] {
    return this.#declared;
  }

  /** What could not be taken back of the run before, a sentence each. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** What local services do otherwise than AWS. */
  get support(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(this.composed.services.map(({ name, gaps }) => [name, gaps]));
  }

  async start(assembly: string): Promise<void> {
    const { world } = this;
    const { services, api } = this.composed;
    const keeper = this.#keeper;
    const readParameter = async (name: string) => parameterValue(await api.call('ssm', 'GetParameter', { Name: name }));
    const makers = keeper?.naming(services) ?? services;
    this.#declared = await declareAssembly(readAssembly(assembly), { world, services: makers, readParameter });
    this.#notes = (await keeper?.load(services, this.#declared)) ?? [];
    for (const service of services) await service.start?.();
    keeper?.begin({ time: world.time, services, declared: this.#declared });
    world.trace.add('runtime', 'started', { resources: this.#declared.length });
  }

  /** In reverse; one that fails to stop does not keep the others from it. Written down first: instances end with the run. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    const steps = [() => this.#keeper?.end(), ...this.composed.services.toReversed().map((service) => () => service.stop?.())];
    for (const step of steps) {
      try {
        await step();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} part(s) of the account did not stop cleanly`);
  }
}

function parameterValue(answer: unknown): string | undefined {
  const parameter = typeof answer === 'object' && answer !== null && 'Parameter' in answer ? answer.Parameter : undefined;
  const value = typeof parameter === 'object' && parameter !== null && 'Value' in parameter ? parameter.Value : undefined;
  return typeof value === 'string' ? value : undefined;
}
