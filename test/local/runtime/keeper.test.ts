import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import type { LocalService } from '../../../local/kernel/service.ts';
import { Keeper } from '../../../local/runtime/state.ts';

let root: string;
let directory: string;
let clock: VirtualClock;
let counter: { value: number };
const keepers: Keeper[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keeper-'));
  directory = join(root, 'state');
  clock = new VirtualClock({ start: 1_000_000 });
  counter = { value: 0 };
});
afterEach(() => {
  for (const keeper of keepers.splice(0)) keeper.release();
  rmSync(root, { recursive: true, force: true });
});

/** A service that keeps one number. */
const counting = (): LocalService => ({
  name: 'counting',
  operations: {},
  resources: {},
  gaps: [],
  save: () => ({ value: counter.value }),
  load(saved) {
    if (typeof saved === 'object' && saved !== null && 'value' in saved) counter = { value: Number(saved.value) };
    return [];
  },
});

function open(options: Partial<ConstructorParameters<typeof Keeper>[0]> = {}): Keeper {
  const keeper = new Keeper({ directory, seed: 1, region: 'eu-west-1', speed: 1, ...options });
  keepers.push(keeper);
  return keeper;
}
const begin = (keeper: Keeper) => keeper.begin({ time: clock, services: [counting()], declared: [] });
const accountFile = () => join(directory, 'account.json');
const written = () => JSON.parse(readFileSync(accountFile(), 'utf8')) as { runs: number; at: number; services: unknown };

/** Writing is real: it takes a few turns of the event loop. */
const untilWritten = async () => {
  while (!existsSync(accountFile())) await new Promise((done) => setImmediate(done));
};

const lock = (text: string) => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'lock.json'), text);
};
const leave = (account: string) => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(accountFile(), account);
};

describe('keeping an account', () => {
  it('writes it down every minute, so that a killed runtime loses no more', async () => {
    begin(open());
    counter.value = 5;
    await clock.advanceBy(59_000);
    expect(existsSync(accountFile())).toBe(false);
    await clock.advanceBy(1_000);
    await untilWritten();
    expect(written()).toMatchObject({ runs: 1, at: 1_060_000, services: { counting: { value: 5 } } });
  });

  it('writes it no oftener than every ten real seconds, however fast the account is', async () => {
    begin(open({ speed: 60 }));
    await clock.advanceBy(599_000);
    expect(existsSync(accountFile())).toBe(false);
    await clock.advanceBy(1_000);
    await untilWritten();
  });

  it('writes it down at the end, and nothing later', async () => {
    const keeper = open();
    begin(keeper);
    counter.value = 9;
    await keeper.end();
    counter.value = 10;
    await clock.advanceBy(120_000);
    expect(written().services).toEqual({ counting: { value: 9 } });
  });

  it('writes nothing when the account never began', async () => {
    await open().end();
    expect(existsSync(accountFile())).toBe(false);
  });

  it('counts the runs, so that no run draws the ids of another', async () => {
    const first = open();
    begin(first);
    await first.end();
    first.release();
    const second = open();
    expect([first.runs, second.runs]).toEqual([1, 2]);
    expect(second.random.hex(17)).not.toBe(first.random.hex(17));
    expect(second.startsAt).toBe(1_000_000);
    await second.load([counting()], []);
    expect(counter.value).toBe(0);
  });

  it('names a resource the same in every run, whatever stands beside it', async () => {
    const drawn: string[] = [];
    const keeper = open();
    const service = {
      ...counting(),
      resources: { X: () => ({ ref: drawn[drawn.push(keeper.random.hex(8)) - 1] ?? '', attributes: {} }) },
    };
    const [named] = keeper.naming([service]);
    const declare = (logicalId: string) =>
      named?.resources['X']?.({ stack: 's', logicalId, type: 'X', path: 's/x', properties: {} });
    for (const logicalId of ['A', 'B', 'A']) await declare(logicalId);
    expect(drawn[0]).toBe(drawn[2]);
    expect(drawn[0]).not.toBe(drawn[1]);
  });
});

describe('a state folder', () => {
  it('is refused while another process has it', () => {
    open();
    expect(() => open()).toThrow(`the local runtime with process id ${process.pid} uses it. Stop that one`);
  });

  it.each([
    ['whose process is dead', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' })],
    ['whose process id is another process by now', JSON.stringify({ pid: process.pid, startedAt: '1' })],
    ['that is torn', '{"pid":'],
  ])('is taken over from a lock %s', (_what, text) => {
    lock(text);
    expect(open().runs).toBe(1);
    expect(JSON.parse(readFileSync(join(directory, 'lock.json'), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it.each([
    ['torn', '{"version":1,"runs":', /account\.json is not whole\. Give another folder with --state, or remove this one/],
    ['of another version', '{"version":2}', /has format 2, and this version of Tandem reads 1\. Give another folder/],
    ['no account at all', '"hello"', /has format undefined/],
    ['damaged', '{"version":1,"runs":"one"}', /is damaged \(.*runs/s],
    ['of another region', region('us-east-1'), /keeps an account in us-east-1, and this one is in eu-west-1/],
  ])('whose file is %s is refused, with the way out, and left as it is', (_what, account, message) => {
    leave(account);
    expect(() => open()).toThrow(message);
    expect(readFileSync(accountFile(), 'utf8')).toBe(account);
    expect(existsSync(join(directory, 'lock.json'))).toBe(false);
  });
});

function region(name: string): string {
  return JSON.stringify({ version: 1, runs: 1, region: name, at: 1, names: {}, services: {} });
}
