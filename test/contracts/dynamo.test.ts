import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoHistories } from '../../adapters/dynamo-histories.ts';
import { DynamoJudgements } from '../../adapters/dynamo-judgements.ts';
import { DynamoLedgers } from '../../adapters/dynamo-ledgers.ts';
import { DynamoRecords } from '../../adapters/dynamo-records.ts';
import { DynamoRefusals } from '../../adapters/dynamo-refusals.ts';
import { DynamoSlots } from '../../adapters/dynamo-slots.ts';
import { noHistory } from '../../core/judgement/history.ts';
import { openDynalite } from './dynalite.ts';
import { historiesContract } from './histories.contract.ts';
import { judgementsContract } from './judgements.contract.ts';
import { ledgersContract } from './ledgers.contract.ts';
import { recordsContract } from './records.contract.ts';
import { aSlot, slotsContract } from './slots.contract.ts';

let local: Awaited<ReturnType<typeof openDynalite>>;
beforeAll(async () => {
  local = await openDynalite();
});
afterAll(() => local.close());

recordsContract('DynamoRecords', async () => new DynamoRecords(await local.table()));
historiesContract('DynamoHistories', async () => new DynamoHistories(await local.table()));
judgementsContract('DynamoJudgements', async () => new DynamoJudgements(await local.table()));
ledgersContract('DynamoLedgers', async () => new DynamoLedgers(await local.table()));
slotsContract('DynamoSlots', async () => new DynamoSlots(await local.table()));

describe('DynamoSlots', () => {
  it('lets a slot that is gone expire a week later, so that what is listed every minute stays small', async () => {
    const items = await local.table();
    const slots = new DynamoSlots(items);
    const retiring = await slots.put(aSlot({ state: 'retiring', retiringSince: Date.UTC(2026, 10, 24) }));
    expect(await items.list('SERVICE#hello', 'SLOT#')).toEqual([retiring]);
    const gone = await slots.put({ ...retiring, state: 'gone' });
    expect(await items.list('SERVICE#hello', 'SLOT#')).toEqual([{ ...gone, expiresAt: Date.UTC(2026, 11, 1) / 1000 }]);
    expect(await slots.find('hello', gone.id)).toEqual(gone);
    expect(await slots.list('hello')).toEqual([gone]);
  });
});

describe('DynamoHistories', () => {
  it('learns anew what was written in another format, over what stands there', async () => {
    const items = await local.table();
    await items.put({ pk: 'SERVICE#web', sk: 'HISTORY#linux' }, 'a history', { format: 0, revision: 0, whatever: 1 });
    const histories = new DynamoHistories(items);
    const found = await histories.find('web', 'linux');
    expect(found).toEqual({ ...noHistory('web', 'linux'), revision: 1 });
    expect((await histories.put(found!)).revision).toBe(2);
  });
});

describe('DynamoRefusals', () => {
  it('keeps a refusal once, however often it is written, until its time to live', async () => {
    const items = await local.table();
    const refusal = { key: 'nothing', why: 'no such service', at: Date.UTC(2026, 10, 24), id: 'sequencer-1' };
    await new DynamoRefusals(items).refuse(refusal);
    await new DynamoRefusals(items).refuse(refusal);
    const expiresAt = Date.UTC(2027, 1, 22) / 1000;
    expect(await items.list('SERVICE#?', 'REFUSAL#')).toEqual([{ ...refusal, expiresAt }]);
  });
});
