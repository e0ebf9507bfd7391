/** Who knocks, and which nodes that is about. */
import { unreachable } from '../errors.ts';
import type { NodeHealth } from '../fleet/fleet.ts';
import type { Catalog } from '../release/ports.ts';
import type { Group, Service } from '../service/service.ts';
import { GROUPS } from '../service/service.ts';
import type { DoorAnswer, DoorPorts } from './open-door.ts';
import { openDoor } from './open-door.ts';
import type { Sighting } from './sighting.ts';

export type Knock =
  | { readonly kind: 'ended'; readonly instanceId: string; readonly at: number; readonly why: string }
  | { readonly kind: 'alarm'; readonly targetGroups: readonly string[]; readonly at: number; readonly why: string }
  | {
      readonly kind: 'replacement';
      readonly instanceId: string;
      readonly at: number;
      readonly isHung: boolean;
      readonly why: string;
    }
  | { readonly kind: 'judged'; readonly instanceId: string; readonly at: number; readonly why: string }
  | { readonly kind: 'order'; readonly instanceId: string; readonly why: string };

export interface AnswerDoorPorts extends DoorPorts {
  readonly catalog: Catalog;
}

const GRAVITY = ['condemned', 'held', 'left', 'ignored'] as const;

export async function answerDoor(ports: AnswerDoorPorts, knock: Knock): Promise<Pick<DoorAnswer, 'kind' | 'why'>> {
  const answers: DoorAnswer[] = [];
  const failures: unknown[] = [];
  for (const sighting of await sightingsOf(ports, knock)) {
    try {
      answers.push(await openDoor(ports, sighting));
    } catch (error) {
      failures.push(error);
    }
  }
  // The others are answered by then; asked again, they are left as they are.
  if (failures.length > 0) throw failures[0];
  const kind = GRAVITY.find((one) => answers.some((answer) => answer.kind === one)) ?? 'ignored';
  const why = answers.map((answer) => `${answer.instanceId} ${answer.kind}: ${answer.why}`).join('; ');
  return { kind, why: why || 'it is about none of our nodes' };
}

async function sightingsOf(ports: AnswerDoorPorts, knock: Knock): Promise<readonly Sighting[]> {
  switch (knock.kind) {
    case 'ended':
      return [{ ...knock, way: 'state-change', isHung: false }];
    case 'replacement':
      return [{ ...knock, way: knock.isHung ? 'sweep' : 'state-change', isWatched: true }];
    case 'judged':
      return [{ ...knock, way: 'judge', isHung: false }];
    case 'order':
      return [{ ...knock, at: ports.clock.now(), way: 'operator', isHung: false }];
    case 'alarm':
      return sightUnhealthy(ports, knock);
    default:
      return unreachable(knock);
  }
}

/** An alarm names a group; its nodes that are unhealthy now are those it is about. */
async function sightUnhealthy(
  { catalog, groups }: AnswerDoorPorts,
  { targetGroups, at, why }: Extract<Knock, { kind: 'alarm' }>,
): Promise<readonly Sighting[]> {
  const sightings: Sighting[] = [];
  for (const { service, group } of await findGroups(catalog, targetGroups)) {
    const unhealthy = (await groups.health(service, group)).filter(({ state }) => state === 'unhealthy');
    sightings.push(...unhealthy.map(({ instanceId, reason }) => sight(instanceId, at, `${why}: ${sayHealth(reason)}`)));
  }
  return sightings;
}

const sight = (instanceId: string, at: number, why: string): Sighting => ({ instanceId, way: 'alarm', at, why, isHung: true });
const sayHealth = (reason: NodeHealth['reason']) => `it is unhealthy (${reason ?? 'no reason given'})`;

async function findGroups(catalog: Catalog, names: readonly string[]) {
  const found: { readonly service: Service; readonly group: Group }[] = [];
  if (names.length === 0) return found;
  for (const name of await catalog.names()) {
    const service = await catalog.find(name);
    if (!service) continue;
    const of = GROUPS.filter((group) => names.includes(service.resources.metrics.targetGroups[group]));
    found.push(...of.map((group) => ({ service, group })));
  }
  return found;
}
