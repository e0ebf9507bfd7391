import { expect, it } from 'vitest';
import { createLogs } from '../../../local/services/logs/logs.ts';
import { SAVED_EVENTS } from '../../../local/services/logs/saved.ts';
import { testWorld } from '../gateway/harness.ts';

interface Answer {
  readonly events: readonly { readonly message: string; readonly eventId: string }[];
}

it('a state folder keeps the newest events of each group, and later ones come after them', async () => {
  const world = testWorld();
  const logs = createLogs(world);
  for (let n = 0; n <= SAVED_EVENTS; n += 1) logs.write('/group', 'stream', `line ${n}`);
  const again = createLogs(world);
  expect(await again.load?.(JSON.parse(JSON.stringify(logs.save?.())))).toEqual([]);
  again.write('/group', 'stream', 'of now');
  const input = { logGroupName: '/group' } as never;
  const { events } = (await again.operations['FilterLogEvents']!.run(input, { requestId: 'r', sourceIp: '' })) as Answer;
  expect([events.length, events[0]?.message, events.at(-1)?.message]).toEqual([SAVED_EVENTS + 1, 'line 1', 'of now']);
  const ids = events.map(({ eventId }) => eventId);
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
});
