import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitFindings, standingOf } from '../../../core/judgement/limits.ts';
import { randomFrom } from '../../../bench/judge/random.ts';
import { service } from '../../fakes/fixtures.ts';

const { limits } = service().file;
const counts = (requests: number, errors: number, slow = 0) => ({ requests, errors, slow: [slow] });
const tally = (events: number, exposure: number) => ({ events, exposure });

describe('a declared limit', () => {
  it('says value, operator and limit, and what it is compared with', () => {
    const reference = { group: 'baseline', counts: counts(405, 0) };
    const [errors, slow] = limitFindings({ limits, group: 'canary', watched: counts(412, 21, 2), reference });
    expect(errors).toMatchObject({
      standing: 'over',
      text: '5.1 % of 412 requests to canary failed > 1 % allowed; baseline 0.0 % of 405',
    });
    expect(slow).toMatchObject({
      standing: 'within',
      text: '0.5 % of 412 requests to canary took over 1000 ms ≤ 5 % allowed; baseline 0.0 % of 405',
    });
  });

  it.each([
    ['within', 4, 400],
    // One in a hundred releases that keep the limit has as many by chance, in one of all looks.
    ['above', 5, 400],
    ['above', 12, 400],
    ['over', 13, 400],
    // Too few to say anything.
    ['above', 2, 20],
    ['above', 5, 9],
  ] as const)('is %s with %d bad requests of %d at 1 %%', (standing, events, exposure) => {
    expect(standingOf(tally(events, exposure), 1, 50)).toBe(standing);
  });

  it('is exceeded by one in a hundred releases at most that are just at it, though they are looked at every minute', () => {
    const random = randomFrom(11);
    const isEverOver = () => {
      let events = 0;
      return Array.from({ length: 60 }, (_, n) => {
        events += random.poisson(4);
        return standingOf(tally(events, 400 * (n + 1)), 1, 50) === 'over';
      }).includes(true);
    };
    const fails = Array.from({ length: 2000 }, isEverOver).filter(Boolean).length;
    expect(fails).toBeLessThanOrEqual(20);
  });

  it('is never within beyond it, and one more bad request never makes it better', () => {
    const order = ['within', 'above', 'over'];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(400), fc.double({ min: 0, max: 20, noNaN: true }), (n, k, limit) => {
        const bad = Math.min(k, n);
        const standing = standingOf(tally(bad, n), limit, 50);
        if ((100 * bad) / n > limit) expect(standing).not.toBe('within');
        const worse = standingOf(tally(Math.min(n, bad + 1), n), limit, 50);
        expect(order.indexOf(worse)).toBeGreaterThanOrEqual(order.indexOf(standing));
      }),
    );
  });
});
