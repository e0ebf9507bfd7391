/** A hundred nodes die in one second: no stampede, the budget holds, everything is recovered or somebody was called. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SAMPLED } from '../../core/remediation/plan-door.ts';
import { Account } from './app/account.ts';
import { launched } from './app/fleet.ts';
import { executions, instances, nodes, running, weights } from './app/left.ts';

const LONG_MS = 300_000;
const BUDGET = 60;
/** The door's reserved concurrency. */
const DOORS = 5;
/** Three consoles and a description. */
const ONLY_CONSOLES = 4;
let account: Account;
let launches = 0;
/** Of EC2, for evidence: how often, and the most in a second. */
const asked = { snapshots: 0, second: 0, inSecond: 0, most: 0 };

beforeAll(async () => {
  account = await Account.open(['herd'], { vcpus: 2000 });
  await account.users('herd', { perSecond: 4 });
  await account.released('herd', '1.0.0');
  await account.advance(1);
  account.runtime.trace.subscribe(({ path, kind }) => {
    if (path === 'ec2' && kind === 'instance pending') launches += 1;
  });
  account.runtime.trace.subscribe(({ at, path, kind, data }) => {
    if (path === 'gateway' && kind === 'call') note(at, String(data?.operation));
  });
}, LONG_MS);
afterAll(() => account.stop());

const OF_EVIDENCE = /^(?:GetConsole|DescribeInstanceStatus|CreateSnapshots|DescribeSnapshots|SendDiagnosticInterrupt)/;

function note(at: number, operation: string): void {
  if (!OF_EVIDENCE.test(operation)) return;
  if (operation === 'CreateSnapshots') asked.snapshots += 1;
  const second = Math.floor(at / 1000);
  asked.inSecond = second === asked.second ? asked.inSecond + 1 : 1;
  asked.second = second;
  asked.most = Math.max(asked.most, asked.inSecond);
}

it(
  'replaces as many as the budget of the hour allows, calls a person once, and goes on when the hour is over',
  async () => {
    const herd = await launched(account, 'herd', 'blue');
    expect(herd).toHaveLength(100);
    for (const { instanceId } of herd) await account.strike(instanceId!, { kind: 'power-off' });
    await account.advance(20);
    expect(launches).toBe(BUDGET);
    expect(await inBlue()).toBe(BUDGET);
    expect((await weights(account, 'herd'))['main']).toHaveProperty('blue');
    const held = account.told('page').filter(({ why }) => why?.includes('kill budget'));
    expect(held).toHaveLength(1);
    const faults = await account.faults('herd');
    expect(faults).toHaveLength(BUDGET);
    expect(account.told('fault')).toHaveLength(BUDGET);
    // Five are looked at whole; of each other one only its console is asked for, when it dies and when it is posted.
    expect(asked.snapshots).toBe(5);
    expect(asked.most).toBeLessThan(3 * BUDGET);

    await account.advance(80);
    expect(await inBlue()).toBe(100);
    expect((await instances(account, 'herd')).every(({ State }) => State.Name === 'running')).toBe(true);
    expect(await account.faults('herd')).toHaveLength(100);
    expect(launches).toBe(100);
    expect(await running(account)).toEqual([]);
    const all = await executions(account, 'tandem-remediate');
    expect(all.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);

    // Of those that die together the first few are looked at wholly: as many as are condemned side by side may be beyond them.
    const whole = (await account.faults('herd')).filter(({ evidence }) => evidence.captured > ONLY_CONSOLES);
    expect(whole.length).toBeGreaterThan(0);
    expect(whole.length).toBeLessThanOrEqual(2 * (SAMPLED + DOORS));

    const longest = await longestHistory();
    expect(longest).toBeLessThan(2_500);
  },
  LONG_MS,
);

/** Of either build: one or the other has its Linux twin in its place. */
async function inBlue(): Promise<number> {
  const found = (await nodes(account, 'herd', ['running'])).filter((name) => name.endsWith('blue'));
  return found.reduce((sum, name) => sum + Number(name.split(' ')[0]), 0);
}

/** AWS ends an execution at 25,000 events. */
async function longestHistory(): Promise<number> {
  let longest = 0;
  for (const { executionArn } of (await executions(account, 'tandem-remediate')).slice(0, 10)) {
    const { events } = await account.call<{ events: unknown[] }>('states:GetExecutionHistory', {
      executionArn,
      maxResults: 1000,
    });
    longest = Math.max(longest, events.length);
  }
  return longest;
}
