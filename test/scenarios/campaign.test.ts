/**
 * The fault campaign over the real app: a function is killed at one of its AWS calls, before it or after its effect, and
 * events come twice, late or never. The account ends in the same state. `CAMPAIGN=all` kills at every call in turn.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../local/kernel/random.ts';
import type { Fate, FunctionCall } from '../../local/runtime/in-process.ts';
import type { DeliveryPlan } from '../../local/services/events/events.ts';
import { synthesizeRealApp } from './campaign/assembly.ts';
import type { RealAssembly } from './campaign/assembly.ts';
import type { EndState } from './campaign/end-state.ts';
import { Story } from './campaign/story.ts';

const LONG_MS = process.env.CAMPAIGN === 'all' ? 6 * 3_600_000 : 300_000;
const SAMPLE = 2;
const SEED = 11;

let assembly: RealAssembly;
let undisturbed: { readonly end: EndState; readonly calls: readonly FunctionCall[] };
beforeAll(async () => {
  assembly = await synthesizeRealApp();
  undisturbed = await firstRelease();
}, LONG_MS);
afterAll(() => assembly.remove());

interface Disturbance {
  readonly fate?: (call: FunctionCall) => Fate;
  readonly deliveryPlan?: DeliveryPlan;
}

async function firstRelease(disturbance: Disturbance = {}) {
  const story = await Story.open({ assembly: assembly.directory, seed: SEED, ...disturbance });
  await story.sendUsers();
  await story.upload('1.0.0');
  await story.untilOver('1.0.0');
  // What the sweep has to clean up it cleans up after its grace.
  await story.advance(20);
  const end = await story.end();
  await story.stop();
  return { end, calls: story.calls };
}

/** The sweep's endless calls are drawn as seldom as its share of the release is. */
function drawCalls(): readonly number[] {
  const { calls } = undisturbed;
  if (process.env.CAMPAIGN === 'all') return calls.map(({ index }) => index);
  const random = createRandom(SEED);
  return Array.from({ length: SAMPLE }, () => calls[random.below(Math.min(calls.length, 600))]!.index);
}

describe('the first release ends the same', () => {
  it.each(['dies before', 'dies after'] as const)(
    'when a function %s one of its calls',
    async (how) => {
      for (const index of drawCalls()) {
        const { end, calls } = await firstRelease({ fate: (call) => (call.index === index ? how : 'lives') });
        const { service, operation } = calls.find((call) => call.index === index)!;
        expect({ how, at: `${index} ${service}:${operation}`, end }).toEqual({
          how,
          at: `${index} ${service}:${operation}`,
          end: undisturbed.end,
        });
      }
    },
    LONG_MS,
  );

  it.each<[string, DeliveryPlan]>([
    ['every event comes twice', () => [200, 900]],
    ['events come late', () => [45_000]],
  ])(
    'when %s',
    async (_what, deliveryPlan) => {
      expect((await firstRelease({ deliveryPlan })).end).toEqual(undisturbed.end);
    },
    LONG_MS,
  );
});
