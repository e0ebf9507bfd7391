/** What every keeper of what the judge knows must do. */
import { describe, expect, it } from 'vitest';
import { beginWatch, type JudgementRecord } from '../../core/judgement/judgement.ts';
import type { Judgements } from '../../core/judgement/ports.ts';

const watch = { service: 'hello', version: '1.0.0', fence: 2, watch: 'canary', since: 90_000 } as const;
const aJudgement = (over: Partial<JudgementRecord> = {}): JudgementRecord => ({ ...beginWatch(undefined, watch), ...over });

export function judgementsContract(name: string, open: () => Promise<Judgements>): void {
  describe(`${name} keeps what the judge knows`, () => {
    it('gives back what was written, one revision on, and nothing of another release', async () => {
      const judgements = await open();
      const cells = { newLinux: { requests: 10, errors: 1, slow: [0] } };
      const stored = await judgements.put(aJudgement({ cells, trouble: 'it rains', counted: ['i-1-1'] }));
      expect(stored.revision).toBe(1);
      expect(await judgements.find('hello', '1.0.0')).toEqual(stored);
      expect(await judgements.find('hello', '1.0.1')).toBeUndefined();
    });

    it('refuses what was read before another wrote: minutes are judged once', async () => {
      const judgements = await open();
      const read = await judgements.put(aJudgement());
      await judgements.put({ ...read, judgedTo: 180_000 });
      await expect(judgements.put({ ...read, judgedTo: 240_000 })).rejects.toMatchObject({ name: 'RecordConflict' });
      expect((await judgements.find('hello', '1.0.0'))?.judgedTo).toBe(180_000);
    });
  });
}
