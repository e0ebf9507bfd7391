/** What the operator sees of uploads: the records are written by the functions' own adapters, and read by the command. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoItems } from '../../adapters/dynamo-items.ts';
import { DynamoRecords } from '../../adapters/dynamo-records.ts';
import { DynamoRefusals } from '../../adapters/dynamo-refusals.ts';
import { showStatus, type Asked, type StatusAccount } from '../../cli/commands/status.ts';
import { admitImage } from '../../core/release/admit-image.ts';
import { openDriver } from '../fakes/hello.ts';
import { openDynalite } from '../contracts/dynalite.ts';

let dynalite: Awaited<ReturnType<typeof openDynalite>>;
let items: DynamoItems;
let account: StatusAccount;
const driver = openDriver();
const nothingStored = { readText: () => Promise.reject(new Error('no test here reads an object')) };
const AT = Date.UTC(2026, 10, 27, 10);

beforeAll(async () => {
  dynalite = await openDynalite();
});
afterAll(async () => dynalite.close());

beforeEach(async () => {
  const table = await dynalite.tableName();
  items = new DynamoItems(dynalite.documents, table);
  account = { table: dynalite.documents, controlPlane: { table, imagesBucket: 'images' } };
});

async function upload(key: string, size = 5, sequencer = key): Promise<void> {
  const object = { key, size, etag: 'e', 'version-id': `v-${sequencer}`, sequencer };
  const ports = {
    ...driver.world,
    images: nothingStored,
    records: new DynamoRecords(items),
    refusals: new DynamoRefusals(items),
  };
  await admitImage(ports, { id: 'event', time: AT, detail: { bucket: { name: 'images' }, object } });
}

async function shown(asked: Asked): Promise<string> {
  const lines: string[] = [];
  await showStatus(account, asked, { tell: (line) => lines.push(line), emit: () => undefined });
  return lines.join('\n');
}

describe('tandem status', () => {
  it('shows since when a release is held, for what, and which orders end it', async () => {
    await upload('web/6.0.0/linux.raw');
    const records = new DynamoRecords(items);
    const release = (await records.findRelease('web', '6.0.0'))!;
    const held = { ...release, stage: 'canary', trouble: { since: AT, why: 'new Linux 20.0 %, old Linux 20.0 %' } } as const;
    const stored = await records.putRelease(held);
    expect(await shown({ service: 'web', version: '6.0.0' })).toContain(
      '2026-11-27T10:00:00Z  held          old and new fail alike: new Linux 20.0 %, old Linux 20.0 %; order "promote" or "abort"',
    );
    await records.putRelease({ ...stored, stage: 'rolled-back' });
    expect(await shown({ service: 'web', version: '6.0.0' })).not.toContain('held');
  });

  it('shows a release that was refused, with its reason', async () => {
    await upload('web/5.0.0/linux.raw', 0);
    expect(await shown({ service: 'web' })).toMatch(/^5\.0\.0 +refused .*web\/5\.0\.0\/linux\.raw is refused: it is empty/);
    expect(await shown({ service: 'web', version: '5.0.0' })).toContain('it is empty. Upload a new version');
  });

  it('says in the list why a release is where it is, and not what was refused since', async () => {
    await upload('web/5.0.0/linux.raw', 0);
    await upload('web/5.0.0/unikernel.raw');
    const list = await shown({ service: 'web' });
    expect(list).toContain('it is empty');
    expect(list).not.toContain('is refused already');
    expect(await shown({ service: 'web', version: '5.0.0' })).toContain('5.0.0 is refused already');
  });

  it.each([
    ['a version that is none', 'web/four/linux.raw', { service: 'web' }, 'version "four" is not semantic'],
    ['a version that is none, asked for', 'web/four/linux.raw', { service: 'web', version: 'four' }, 'is not semantic'],
    ['a part that is none', 'web/4.0.0/other.bin', { service: 'web', version: '4.0.0' }, 'names no part of a release'],
    ['an unknown service', 'nobody/1.0.0/linux.raw', { service: 'nobody' }, 'there is no service "nobody"'],
    ['an unknown service, without one', 'nobody/1.0.0/linux.raw', {}, 'there is no service "nobody"'],
    ['a key that is none', 'GARBAGE', {}, '"GARBAGE" does not begin with a service'],
  ])('shows the refusal of %s', async (_case, key, asked, why) => {
    await upload(key);
    expect(await shown(asked)).toMatch(/^refused, and part of no release:\n {2}2026-11-27T10:00:00Z/);
    expect(await shown(asked)).toContain(why);
  });

  it('shows what was refused of one service to nobody who asks for another', async () => {
    await upload('web/four/linux.raw');
    await upload('webby/1.0.0/linux.raw');
    await expect(shown({ service: 'other' })).rejects.toThrow(
      'nothing is recorded of other; upload linux.raw and unikernel.raw to s3://images/other/VERSION/',
    );
    expect(await shown({ service: 'web' })).not.toContain('webby');
    await expect(shown({ service: 'web', version: '1.0.0' })).rejects.toThrow('nothing is recorded of web@1.0.0');
  });

  it('ends a long list where it is not read any more', async () => {
    for (let n = 0; n < 23; n++) await upload(`GARBAGE${n}`);
    const lines = (await shown({})).split('\n');
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toBe('  and 3 older; all with --json');
  });
});
