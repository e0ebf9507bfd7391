import { ElasticLoadBalancingV2Client, InvalidTargetException } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { ElbGroups, toNodeHealth } from '../../adapters/elb-groups.ts';
import { aService } from './a-service.ts';
import { answering } from './answering.ts';

const idsOf = (input: Readonly<Record<string, unknown>>) => (input['Targets'] as { Id: string }[]).map(({ Id }) => Id);

describe('ElbGroups', () => {
  it('registers the others where one died a moment ago', async () => {
    const taken: string[] = [];
    const { client } = answering(new ElasticLoadBalancingV2Client({ region: 'eu-west-1' }), {
      RegisterTargets: (input) => {
        if (idsOf(input).includes('i-dead')) throw new InvalidTargetException({ $metadata: {}, message: 'not running' });
        taken.push(...idsOf(input));
        return {};
      },
    });
    await new ElbGroups(client).register(aService(), 'canary', ['i-1', 'i-dead', 'i-2']);
    expect(taken).toEqual(['i-1', 'i-2']);
  });

  it('asks nothing for nobody', async () => {
    const { client, asked } = answering(new ElasticLoadBalancingV2Client({ region: 'eu-west-1' }), {});
    await new ElbGroups(client).register(aService(), 'canary', []);
    await new ElbGroups(client).deregister(aService(), 'canary', []);
    expect(asked).toEqual([]);
  });

  it('takes a state it does not know for unavailable, never for healthy', () => {
    const health = (State: string) =>
      toNodeHealth({ Target: { Id: 'i-1' }, TargetHealth: { State: State as 'healthy' } })[0]?.state;
    expect([health('healthy'), health('unhealthy.draining'), health('brand-new')]).toEqual([
      'healthy',
      'draining',
      'unavailable',
    ]);
  });
});
