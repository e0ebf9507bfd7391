/** The whole app, in process: the synthesized templates, the real bundles, virtual instances and users. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toJsonLine } from '../../local/kernel/trace.ts';
import { synthesizeRealApp } from './campaign/assembly.ts';
import type { RealAssembly } from './campaign/assembly.ts';
import { Story } from './campaign/story.ts';

const LONG_MS = 240_000;
let assembly: RealAssembly;
beforeAll(async () => {
  assembly = await synthesizeRealApp();
}, LONG_MS);
afterAll(() => assembly.remove());

const open = (seed: number) => Story.open({ assembly: assembly.directory, seed });

describe('releases of a service', () => {
  it(
    'become stable, replace one another without a failed request, and are rolled back when they are bad or aborted',
    async () => {
      const story = await open(1);
      await story.sendUsers();
      await story.upload('1.0.0');
      expect(await story.untilOver('1.0.0')).toBe('stable');
      const first = await story.end();
      expect(first).toMatchObject({ stable: '1.0.0', inFlight: undefined, running: [] });
      expect(first.nodes).toEqual([
        '2 × 1.0.0 linux baseline running',
        expect.stringMatching(/^4 × 1\.0\.0 unikernel (blue|green) running$/),
      ]);

      const failedBefore = story.users.failed;
      await story.upload('1.1.0');
      expect(await story.untilOver('1.1.0')).toBe('stable');
      await story.advance(5);
      expect(story.users.failed - failedBefore).toBe(0);
      const second = await story.end();
      expect(second.nodes).toEqual([
        '2 × 1.1.0 linux baseline running',
        expect.stringMatching(/^4 × 1\.1\.0 unikernel (blue|green) running$/),
      ]);

      await story.upload('1.2.0', { errorRate: 0.2 });
      expect(await story.untilOver('1.2.0')).toBe('rolled-back');
      await story.advance(5);
      const bad = (await story.releases()).find(({ version }) => version === '1.2.0')!;
      // By chance one of its errors may meet a probe before it meets users: then those say it.
      expect(bad.transitions.at(-1)!.why).toMatch(/requests to canary failed > 1 % allowed|answered 500, wanted 200/);
      expect(await story.end()).toEqual({ ...second, stages: { ...second.stages, '1.2.0': 'rolled-back' } });

      await story.upload('1.3.0');
      await story.advance(6);
      expect(await story.order('1.3.0', 'abort')).toMatchObject({ kind: 'returned' });
      expect(await story.untilOver('1.3.0')).toBe('rolled-back');
      await story.advance(5);
      expect((await story.end()).nodes).toEqual(second.nodes);
      await story.stop();
    },
    LONG_MS,
  );

  it(
    'give one trace for one seed, byte for byte',
    async () => {
      const tell = async () => {
        const story = await open(5);
        await story.sendUsers();
        await story.upload('1.0.0');
        await story.advance(6);
        await story.stop();
        return story.runtime.trace.entries().map(toJsonLine).join('');
      };
      expect(await tell()).toBe(await tell());
    },
    LONG_MS,
  );
});
