import { readAssembly } from '../assembly/read-assembly.ts';
import { Gateway } from '../gateway/gateway.ts';
import type { AccountFacts, World } from '../kernel/world.ts';
import { composeServices } from './compose.ts';
import type { ComposeParts, Composed } from './compose.ts';
import { declareAssembly } from './declare.ts';
import type { Declared } from './declare.ts';

/** The account id of AWS's own examples. */
const ACCOUNT_ID = '111122223333';

export const accountFacts = (region: string, endpoint: () => string): AccountFacts => ({
  id: ACCOUNT_ID,
  region,
  partition: 'aws',
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
  #declared: readonly Declared[] = [];

  constructor(parts: ComposeParts) {
    this.world = parts.world;
    this.composed = composeServices(parts);
    this.gateway = new Gateway(parts.world, this.composed.services);
  }

  get declared(): readonly Declared[] {
    return this.#declared;
  }

  /** What local services do otherwise than AWS. */
  get support(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(this.composed.services.map(({ name, gaps }) => [name, gaps]));
  }

  async start(assembly: string): Promise<void> {
    const { world } = this;
    const { services, api } = this.composed;
    const readParameter = async (name: string) => parameterValue(await api.call('ssm', 'GetParameter', { Name: name }));
    this.#declared = await declareAssembly(readAssembly(assembly), { world, services, readParameter });
    for (const service of services) await service.start?.();
    world.trace.add('runtime', 'started', { resources: this.#declared.length });
  }

  /** In reverse; one that fails to stop does not keep the others from it. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const service of this.composed.services.toReversed()) {
      try {
        await service.stop?.();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} local service(s) did not stop cleanly`);
  }
}

function parameterValue(answer: unknown): string | undefined {
  const parameter = typeof answer === 'object' && answer !== null && 'Parameter' in answer ? answer.Parameter : undefined;
  const value = typeof parameter === 'object' && parameter !== null && 'Value' in parameter ? parameter.Value : undefined;
  return typeof value === 'string' ? value : undefined;
}
