/** What a verdict says beside its tests. */
import { describe, expect, it } from 'vitest';
import { beginWatch, type GroupWatch, type JudgementRecord } from '../../../core/judgement/judgement.ts';
import { captureOutlook, littleLeft } from '../../../core/judgement/verdict-remarks.ts';
import { groupsOf } from '../../../core/judgement/watch-groups.ts';
import { MINUTE, release, T0 } from '../../fakes/fixtures.ts';

const counts = (requests: number) => ({ requests, errors: 0, slow: [] });

/** After ten minutes, one of which was held. */
function told(watch: GroupWatch, cells: Record<string, number>) {
  const begun = beginWatch(undefined, { service: 'web', version: '2.0.0', fence: 2, watch, since: T0 - 1 });
  const record: JudgementRecord = {
    ...begun,
    judgedTo: T0 + 10 * MINUTE,
    heldMinutes: 1,
    cells: Object.fromEntries(Object.entries(cells).map(([cell, requests]) => [cell, counts(requests)])),
  };
  return { record, watch, compared: groupsOf(watch, release({ replaces: '1.0.0', fleet: 'green' }), {}) };
}

describe('how long a rare fault would take to show', () => {
  it('is told of a canary, from its share of the requests there were', () => {
    const cells = { newLinux: 27_000, oldLinux: 27_000, oldUnikernel: 486_000 };
    expect(captureOutlook(told('canary', cells))).toBe(
      '; with 5.0 % of the requests on the canary a 1e-6 fault would show up on a Linux node within 17 h',
    );
  });

  it('is not told where nothing is known, nor of unikernels', () => {
    expect(captureOutlook(told('canary', {}))).toBe('');
    expect(captureOutlook(told('debut', { newUnikernel: 100 }))).toBe('');
  });
});

describe('a batch of a promotion', () => {
  it('says when too little of the old fleet is left to compare with', () => {
    expect(littleLeft(told('promotion', { newUnikernel: 1000, oldUnikernel: 99 }))).toBe(
      '; the old fleet had 99 requests beside 1000 in this batch, too few to compare with: the declared limits decide, and what the batches before have shown',
    );
    expect(littleLeft(told('promotion', { newUnikernel: 1000 }))).toContain('had 0 requests beside 1000');
    expect(littleLeft(told('promotion', { newUnikernel: 1000, oldUnikernel: 100 }))).toBe('');
    expect(littleLeft(told('debut', { newUnikernel: 1000 }))).toBe('');
  });
});
