import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import type { World } from '../../../local/kernel/world.ts';
import type { ProbeResult, TargetGroup } from '../../../local/services/elbv2/core/model.ts';
import { ElbState } from '../../../local/services/elbv2/core/state.ts';
import { Targets } from '../../../local/services/elbv2/core/targets.ts';

const SECOND = 1_000;
const ID = 'i-0000000000000001';

/** A group in use whose checks end when the test says so. */
function setUp() {
  const time = new VirtualClock();
  const account = { id: '1', region: 'r', partition: 'aws', zones: [], endpoint: '' };
  const world: World = { time, random: createRandom(1), trace: { add: () => undefined }, account };
  const state = new ElbState();
  state.ownerOf = () => 'arn:lb';
  const group = {
    arn: 'arn:tg',
    name: 'tg',
    port: 80,
    protocol: 'HTTP',
    check: { enabled: true, port: 'traffic-port', intervalSeconds: 5, unhealthyThreshold: 2, healthyThreshold: 2 },
    attributes: {},
    targets: new Map(),
  } as unknown as TargetGroup;
  const pending: ((result: ProbeResult) => void)[] = [];
  const instance = { instanceId: ID, state: 'running', privateIpAddress: '10.0.0.1', availabilityZone: 'a', tags: {} } as const;
  const probe = () => new Promise<ProbeResult>((resolve) => void pending.push(resolve));
  const targets = new Targets(world, state, { instances: { find: () => instance }, probe });
  targets.register(group, [{ Id: ID }]);
  return { time, group, targets, pending };
}

describe('a check that takes its time', () => {
  it('is the only one of its target until it ends, and the next comes when it is due', async () => {
    const { time, pending } = setUp();
    await time.advanceBy(30 * SECOND);
    expect(pending).toHaveLength(1);
    pending[0]!({ kind: 'passed' });
    await time.advanceBy(1);
    expect(pending).toHaveLength(2);
  });

  it('says nothing any more of a target that drains meanwhile', async () => {
    const { time, group, targets, pending } = setUp();
    await time.advanceBy(4 * SECOND);
    targets.deregister(group, [{ Id: ID }]);
    pending[0]!({ kind: 'passed' });
    await time.advanceBy(301 * SECOND);
    expect(group.targets.size).toBe(0);
    expect([pending.length, time.entries]).toEqual([1, 0]);
  });

  it('starts no other when the load balancer has been stopped meanwhile', async () => {
    const { time, targets, pending } = setUp();
    await time.advanceBy(4 * SECOND);
    targets.stop();
    pending[0]!({ kind: 'passed' });
    await time.advanceBy(60 * SECOND);
    expect([pending.length, time.entries]).toEqual([1, 0]);
  });
});
