/** What every keeper of nodes, of their groups, and of the weights among them must do. */
import { describe, expect, it } from 'vitest';
import type { Slot } from '../../core/fleet/fleet.ts';
import type { Groups, Nodes } from '../../core/fleet/ports.ts';
import type { Weights } from '../../core/release/release.ts';
import type { Service } from '../../core/service/service.ts';
import type { Traffic } from '../../core/traffic/ports.ts';
import { aSlot } from './slots.contract.ts';

export interface Fleet {
  readonly nodes: Nodes;
  readonly groups: Groups;
  readonly service: Service;
  /** An image that boots, answers and is healthy. */
  readonly imageId: string;
  /** Lets that much of the account's time go by. */
  readonly pass: (ms: number) => Promise<void>;
}

const BOOTED_MS = 60_000;

const slotOf = ({ service, imageId }: Fleet, over: Partial<Slot> = {}): Slot => {
  const [subnet] = service.resources.subnets;
  return aSlot({ service: service.file.name, imageId, zone: subnet!.zone, subnet: subnet!.id, ...over });
};

async function launch(fleet: Fleet, over: Partial<Slot> = {}): Promise<string> {
  const outcome = await fleet.nodes.launch(fleet.service, slotOf(fleet, over));
  if (outcome.kind !== 'launched') throw new Error(outcome.why);
  return outcome.instanceId;
}

async function booted(fleet: Fleet, over: Partial<Slot> = {}): Promise<string> {
  const instanceId = await launch(fleet, over);
  await fleet.pass(BOOTED_MS);
  return instanceId;
}

export function nodesContract(name: string, open: () => Promise<Fleet>): void {
  const ids = async ({ nodes, service }: Fleet) =>
    (await nodes.list(service.file.name)).map(({ instanceId }) => instanceId).sort();

  describe(`${name} keeps nodes`, () => {
    it('gives a slot one instance, however often its launch is repeated', async () => {
      const fleet = await open();
      expect(await launch(fleet)).toBe(await launch(fleet));
      expect(await ids(fleet)).toHaveLength(1);
    });

    it('gives the next attempt of a slot, and another slot, an instance of its own', async () => {
      const fleet = await open();
      const made = [await launch(fleet), await launch(fleet, { attempt: 2 }), await launch(fleet, { id: 'canary-4-2' })];
      expect(new Set(made).size).toBe(3);
      expect(await ids(fleet)).toEqual(made.sort());
    });

    it('lists what a node is: slot, group, build, version, address', async () => {
      const fleet = await open();
      const instanceId = await booted(fleet);
      expect(await fleet.nodes.list('hello')).toMatchObject([
        { instanceId, state: 'running', service: 'hello', version: '1.1.0', build: 'linux', group: 'canary', slot: 'canary-4-1' },
      ]);
      expect((await fleet.nodes.list('hello'))[0]?.address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      expect(await fleet.nodes.list('other')).toEqual([]);
    });

    it('forgets a node that was terminated; terminating again is success', async () => {
      const fleet = await open();
      const [first, second] = [await booted(fleet), await booted(fleet, { id: 'canary-4-2' })];
      await fleet.nodes.terminate([first]);
      await fleet.nodes.terminate([first]);
      await fleet.pass(BOOTED_MS);
      expect(await ids(fleet)).toEqual([second]);
      await fleet.nodes.terminate([]);
    });

    it('finds nodes by their ids, of one service, also one that was terminated, and none that it does not know', async () => {
      const fleet = await open();
      const [first, second] = [await booted(fleet), await booted(fleet, { id: 'canary-4-2' })];
      await fleet.nodes.terminate([first]);
      await fleet.pass(BOOTED_MS);
      const states = (await fleet.nodes.find('hello', [first, second, 'i-0123456789abcdef0'])).map((node) => [
        node.instanceId,
        node.state,
      ]);
      expect(new Map(states as [string, string][])).toEqual(
        new Map([
          [first, 'terminated'],
          [second, 'running'],
        ]),
      );
      expect(await fleet.nodes.find('other', [first, second])).toEqual([]);
      expect(await fleet.nodes.find('hello', [])).toEqual([]);
    });
  });
}

export function groupsContract(name: string, open: () => Promise<Fleet>): void {
  const health = async ({ groups, service }: Fleet) =>
    (await groups.health(service, 'canary')).map(({ instanceId, state }) => [instanceId, state]);

  describe(`${name} keeps groups`, () => {
    it('has a member once, however often it is registered, healthy after its checks, and in no other group', async () => {
      const fleet = await open();
      const instanceId = await booted(fleet);
      await fleet.groups.register(fleet.service, 'canary', [instanceId]);
      await fleet.groups.register(fleet.service, 'canary', [instanceId]);
      await fleet.pass(BOOTED_MS);
      expect(await health(fleet)).toEqual([[instanceId, 'healthy']]);
      expect(await fleet.groups.health(fleet.service, 'blue')).toEqual([]);
    });

    it('has a member no more after it was deregistered and has drained; deregistering again is success', async () => {
      const fleet = await open();
      const instanceId = await booted(fleet);
      await fleet.groups.register(fleet.service, 'canary', [instanceId]);
      await fleet.groups.deregister(fleet.service, 'canary', [instanceId]);
      await fleet.groups.deregister(fleet.service, 'canary', [instanceId]);
      await fleet.pass(BOOTED_MS);
      expect(await health(fleet)).toEqual([]);
    });

    it('does not call a terminated member healthy', async () => {
      const fleet = await open();
      const instanceId = await booted(fleet);
      await fleet.groups.register(fleet.service, 'canary', [instanceId]);
      await fleet.pass(BOOTED_MS);
      await fleet.nodes.terminate([instanceId]);
      await fleet.pass(BOOTED_MS);
      expect(await health(fleet)).not.toContainEqual([instanceId, 'healthy']);
    });
  });
}

export interface Balanced {
  readonly traffic: Traffic;
  readonly service: Service;
}

export function trafficContract(name: string, open: () => Promise<Balanced>): void {
  const stages: readonly Weights[] = [
    { main: { blue: 1000 }, beta: {} },
    { main: { blue: 900, canary: 50, baseline: 50 }, beta: {} },
    { main: { green: 999, blue: 1 }, beta: {} },
    { main: { green: 1000 }, beta: {} },
  ];

  describe(`${name} keeps weights`, () => {
    it('has none at first', async () => {
      const { traffic, service } = await open();
      expect(await traffic.read(service)).toEqual({ main: {}, beta: {} });
    });

    it('reads what was written last, also when it was written twice', async () => {
      const { traffic, service } = await open();
      for (const weights of stages) {
        await traffic.write(service, weights);
        await traffic.write(service, weights);
        expect(await traffic.read(service)).toEqual(weights);
      }
    });

    it('has none again after no weight was written, and takes weights again', async () => {
      const { traffic, service } = await open();
      await traffic.write(service, stages[1]!);
      await traffic.write(service, { main: {}, beta: {} });
      await traffic.write(service, { main: {}, beta: {} });
      expect(await traffic.read(service)).toEqual({ main: {}, beta: {} });
      await traffic.write(service, stages[0]!);
      expect(await traffic.read(service)).toEqual(stages[0]);
    });
  });

  it('keeps beta users apart', async () => {
    const { traffic, service } = await open();
    const beta: Service = {
      ...service,
      file: { ...service.file, mode: 'beta', beta: { header: { name: 'x-beta', value: 'yes' } } },
    };
    const weights: Weights = { main: { blue: 1000 }, beta: { baseline: 500, canary: 500 } };
    await traffic.write(beta, weights);
    expect(await traffic.read(beta)).toEqual(weights);
  });
}
