/** Days of 200 nodes, simulated: how often the ledger is wrong while all is well, and how soon it is right when not. */
import { describe, expect, it } from 'vitest';
import { dayOf, SCENARIOS } from '../../../../bench/ledger/simulate.ts';
import { watch } from '../../../../bench/ledger/watchers.ts';

/** Shares of days with an alarm, and its median minute after the onset. */
function alarms(name: string, runs: number) {
  const scenario = SCENARIOS.find((one) => one.name === name)!;
  const days = Array.from({ length: runs }, (_, run) => watch(scenario, dayOf(scenario, 77_003 + run * 7919)));
  const minutes = days.flatMap(({ release }) => (release === undefined ? [] : [release - scenario.onset])).sort((a, b) => a - b);
  return {
    release: minutes.length / runs,
    environment: days.filter(({ environment }) => environment !== undefined).length / runs,
    after: minutes[Math.floor(minutes.length / 2)] ?? NaN,
  };
}

describe('in a day of 200 nodes', { timeout: 30_000 }, () => {
  it('no fine release is accused, and nobody is called, in 99 of 100', () => {
    const found = alarms('as ever', 400);
    expect(found.release).toBeLessThanOrEqual(0.01);
    expect(found.environment).toBeLessThanOrEqual(0.01);
  });

  it('a release that is as bad as it may be is accused in no more than the 3 of 100 that are stated', () => {
    expect(alarms('half as many again', 400).release).toBeLessThanOrEqual(0.03);
  });

  it.each(['a zone loses 15 nodes', 'a host of 7 nodes dies'])('%s: somebody is called, and the release stays', (name) => {
    expect(alarms(name, 50)).toMatchObject({ environment: 1, release: 0 });
  });

  it('of one place that fails all the time a person is told, and the release stays', () => {
    expect(alarms('one place fails every 4 minutes', 10)).toMatchObject({ environment: 1, release: 0 });
  });

  it('a new fault that makes three times as many is found within the day, five times in hours, a poisonous request in minutes', () => {
    const slower = alarms('3 times, one new fault', 100);
    expect(slower.release).toBeGreaterThan(0.94);
    expect(slower.after).toBeLessThan(540);
    const slow = alarms('5 times, one new fault', 50);
    expect(slow.release).toBeGreaterThan(0.97);
    expect(slow.after).toBeLessThan(300);
    const sudden = alarms('a poisonous request, 10 nodes', 50);
    expect(sudden.release).toBe(1);
    expect(sudden.after).toBeLessThan(4);
  });
});
