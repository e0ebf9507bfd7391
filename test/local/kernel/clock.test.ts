import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { LiveClock } from '../../../local/kernel/clock-live.ts';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';

describe('the virtual clock', () => {
  it('runs entries by instant, then by order of entry, whatever the order they were entered in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ ms: fc.nat(50), cancel: fc.boolean() }), { maxLength: 150 }), async (plan) => {
        const clock = new VirtualClock({ start: 0, settle: () => Promise.resolve() });
        const ran: number[] = [];
        const entries = plan.map(({ ms }, index) => clock.after(ms, 'e', () => void ran.push(index)));
        entries.forEach((entry, index) => plan[index]!.cancel && entry.cancel());
        await clock.advanceBy(50);
        const expected = plan
          .map((one, index) => ({ ...one, index }))
          .filter((one) => !one.cancel)
          .sort((a, b) => a.ms - b.ms || a.index - b.index);
        expect(ran).toEqual(expected.map((one) => one.index));
        expect(clock.entries).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('runs a year of daily entries, each entered by the one before', async () => {
    const clock = new VirtualClock({ settle: () => Promise.resolve() });
    let days = 0;
    const nextDay = () => {
      days += 1;
      clock.after(86_400_000, 'day', nextDay);
    };
    clock.after(86_400_000, 'day', nextDay);
    await clock.advanceBy(365 * 86_400_000);
    expect(days).toBe(365);
  });

  it('lets work in flight finish before time moves on', async () => {
    const clock = new VirtualClock({ start: 0 });
    const seen: string[] = [];
    clock.after(1, 'work', async () => {
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      seen.push(`done at ${clock.now()}`);
    });
    clock.after(2, 'later', () => void seen.push('later'));
    await clock.advanceBy(10);
    expect(seen).toEqual(['done at 1', 'later']);
  });

  it('moves on while an entry waits for a later one', async () => {
    const clock = new VirtualClock({ start: 0 });
    const seen: number[] = [];
    clock.after(1, 'sleeper', async () => {
      await new Promise<void>((resolve) => clock.after(1000, 'wake', () => resolve()));
      seen.push(clock.now());
    });
    await clock.advanceBy(2000);
    expect(seen).toEqual([1001]);
  });

  it('throws what an entry threw, named by its label, and keeps going when asked again', async () => {
    const clock = new VirtualClock();
    clock.after(1, 'broken', () => Promise.reject(new Error('no disk')));
    clock.after(2, 'also broken', () => {
      throw new Error('no net');
    });
    await expect(clock.advanceBy(5)).rejects.toThrow(/'broken' failed/);
    await expect(clock.advanceBy(5)).rejects.toThrow(/'also broken' failed/);
    await clock.advanceBy(5);
  });

  it('runs until something holds, and says so when it never will', async () => {
    const clock = new VirtualClock({ start: 0 });
    let ready = false;
    clock.after(700, 'ready', () => void (ready = true));
    expect(await clock.runUntil(() => ready)).toBe(700);
    await expect(clock.runUntil(() => false)).rejects.toThrow('nothing is scheduled any more');
    clock.after(10_000, 'far', () => undefined);
    await expect(clock.runUntil(() => false, 5000)).rejects.toThrow('5000 ms have passed');
  });

  it('does not count an entry twice that is cancelled after it ran', async () => {
    const clock = new VirtualClock({ settle: () => Promise.resolve() });
    const entry = clock.after(1, 'ran', () => undefined);
    clock.after(2, 'next', () => undefined);
    await clock.advanceBy(1);
    entry.cancel();
    expect(clock.entries).toBe(1);
  });

  it('refuses an instant that is none', () => {
    expect(() => new VirtualClock().at(NaN, 'x', () => undefined)).toThrow("'x' cannot be scheduled at NaN");
  });
});

describe('the live clock', () => {
  it('scales waiting by its speed, in order, and reports entries that fail', async () => {
    const errors: string[] = [];
    const clock = new LiveClock({ speed: 1000, start: 0, onError: (label, error) => errors.push(`${label}: ${String(error)}`) });
    const seen: string[] = [];
    let firstAt = 0;
    await new Promise<void>((resolve) => {
      clock.after(400_000, 'last', () => resolve());
      clock.after(10_000, 'second', () => void seen.push('second'));
      clock.after(5_000, 'first', () => void (seen.push('first'), (firstAt = clock.now())));
      clock.after(7_000, 'cancelled', () => void seen.push('cancelled')).cancel();
      clock.after(6_000, 'broken', () => Promise.reject(new Error('late')));
    });
    expect(seen).toEqual(['first', 'second']);
    expect(errors).toEqual(['broken: Error: late']);
    expect(firstAt).toBeGreaterThanOrEqual(5_000);
    expect(firstAt).toBeLessThan(400_000);
    expect(clock.now()).toBeGreaterThanOrEqual(400_000);
    clock.stop();
  });

  it('sleeps longer than 24.8 days in parts, since a timer beyond that fires at once', async () => {
    const setTimer = vi.spyOn(globalThis, 'setTimeout');
    const clock = new LiveClock({ start: 0, onError: () => undefined });
    let fired = false;
    clock.after(60 * 86_400_000, 'far', () => void (fired = true));
    expect(setTimer.mock.calls.map(([, ms]) => ms)).toEqual([2 ** 30]);
    setTimer.mockRestore();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(fired).toBe(false);
    clock.stop();
  });
});
