/**
 * The fault campaign over the whole app: a function is killed at one of its AWS calls, before it or after its effect, and
 * events come twice or late. The account ends in the same state. A sample of the calls is drawn with a seed;
 * `CAMPAIGN=all` kills at every call in turn, `CAMPAIGN=120` at the call of that number.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../local/kernel/random.ts';
import { toJsonLine } from '../../local/kernel/trace.ts';
import type { FunctionCall, InProcessOptions } from '../../local/runtime/in-process.ts';
import { Account } from './app/account.ts';
import { left } from './app/left.ts';

const { CAMPAIGN } = process.env;
const LONG_MS = CAMPAIGN === 'all' ? 12 * 3_600_000 : 240_000;
const SAMPLE = 2;
const SEED = 11;

async function firstRelease(disturbance: Partial<InProcessOptions> = {}) {
  const calls: FunctionCall[] = [];
  const fate = (call: FunctionCall) => {
    calls.push(call);
    return disturbance.fate?.(call) ?? 'lives';
  };
  const account = await Account.open(['shop'], { seed: SEED, ...disturbance, fate });
  await account.users('shop', { perSecond: 4 });
  const { stage } = await account.released('shop', '1.0.0');
  const callsOfRelease = calls.length;
  // What a killed function left behind is swept up after its grace.
  await account.advance(20);
  const end = { stage, service: await account.service('shop'), left: await left(account, 'shop') };
  await account.stop();
  const trace = account.runtime.trace.entries().map(toJsonLine).join('');
  return { end: withoutTimesAndCounts(end), calls: calls.slice(0, callsOfRelease), trace };
}

/** When a record was written, how often, and under which fence, differs with what had to be done again. */
const withoutTimesAndCounts = (end: object): unknown =>
  JSON.parse(JSON.stringify(end, (name, value: unknown) => (/^(revision|fence)$|At$/.test(name) ? undefined : value)));

let undisturbed: Awaited<ReturnType<typeof firstRelease>>;
beforeAll(async () => {
  undisturbed = await firstRelease();
}, LONG_MS);

function drawnCalls(): readonly number[] {
  const indexes = undisturbed.calls.map(({ index }) => index);
  if (CAMPAIGN === 'all') return indexes;
  if (CAMPAIGN !== undefined) return [Number(CAMPAIGN)];
  const random = createRandom(SEED);
  return Array.from({ length: SAMPLE }, () => indexes[random.below(indexes.length)]!);
}

describe('a first release', () => {
  it(
    'becomes stable, and is told alike by the same seed, byte for byte',
    async () => {
      expect(undisturbed.end).toMatchObject({
        stage: 'stable',
        service: { stable: { version: '1.0.0' } },
        left: { running: [] },
      });
      expect((await firstRelease()).trace).toBe(undisturbed.trace);
    },
    LONG_MS,
  );

  it.each(['dies before', 'dies after'] as const)(
    'ends the same when a function %s one of its calls',
    async (how) => {
      for (const index of drawnCalls()) {
        const { service, operation } = undisturbed.calls[index]!;
        const { end } = await firstRelease({ fate: (call) => (call.index === index ? how : 'lives') });
        const at = `${index} ${service}:${operation}`;
        expect({ at, end }).toEqual({ at, end: undisturbed.end });
      }
    },
    LONG_MS,
  );

  it.each([
    ['comes twice', [200, 900]],
    ['comes late', [45_000]],
  ])(
    'ends the same when every event %s',
    async (_what, waits) => {
      expect((await firstRelease({ deliveryPlan: () => waits })).end).toEqual(undisturbed.end);
    },
    LONG_MS,
  );
});
