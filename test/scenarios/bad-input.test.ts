/** Whatever is uploaded: what cannot be released is refused with a reason and a fix, and leaves nothing in the account. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { lastWhy, stagesOf } from './app/items.ts';
import { executions, instances, left, NOTHING } from './app/left.ts';

const LONG_MS = 120_000;
const SETTLED = 0.2;
let account: Account;
const nothingLeft = async (service: string) => expect(await left(account, service)).toEqual(NOTHING);

function inAccountWith(...services: string[]) {
  beforeAll(async () => {
    account = await Account.open(services);
  }, LONG_MS);
  afterAll(() => account.stop());
}

describe('an uploaded key', () => {
  inAccountWith('shop');

  it.each([
    [
      'shop/1.0.0/linux.img',
      'shop',
      /"shop\/1\.0\.0\/linux\.img" names no part of a release\. Use <service>\/<version>\/linux\.raw/,
    ],
    ['shop/1.0.0/old/linux.raw', 'shop', /is not of the form <service>\/<version>\/linux\.raw/],
    ['readme.txt', '?', /"readme\.txt" does not begin with a service's name\. Use <service>/],
    ['Shop/1.0.0/linux.raw', '?', /does not begin with a service's name/],
    ['shop//linux.raw', 'shop', /version "" is not semantic: use <major>\.<minor>\.<patch>/],
    ['shop/v1/linux.raw', 'shop', /version "v1" is not semantic: use <major>\.<minor>\.<patch>, as in 1\.4\.2/],
    ['shop/1.0.0+5/linux.raw', 'shop', /build metadata: leave out what follows the "\+"/],
    [`shop/1.0.0-${'x'.repeat(40)}/linux.raw`, 'shop', /is longer than 32 characters/],
    ['café ☕/1.0.0/linux.raw', '?', /does not begin with a service's name/],
    ['nosuch/1.0.0/linux.raw', '?', /no service "nosuch"\. Add services\/nosuch\.json and run cdk deploy, or correct the key/],
  ])('%s is refused with a reason and a fix', async (key, under, why) => {
    await account.put(key, 'some bytes');
    await account.advance(SETTLED);
    const refusal = (await account.refusals(under)).find((one) => one.key === key);
    expect(refusal?.why).toMatch(why);
    await nothingLeft('shop');
  });
});

describe('an image', () => {
  inAccountWith('shop');
  const transitionsOf = async (version: string) => (await account.release('shop', version)).transitions;

  it('that is empty refuses its release, and what comes for it later is refused too', async () => {
    await account.put('shop/0.1.0/linux.raw', '');
    await account.advance(SETTLED);
    const refused = await account.release('shop', '0.1.0');
    expect(refused.stage).toBe('refused');
    expect(lastWhy(refused)).toBe('shop/0.1.0/linux.raw is refused: it is empty. Upload a new version');

    await account.put('shop/0.1.0/unikernel.raw', await account.image('shop', '0.1.0', 'unikernel'));
    await account.advance(SETTLED);
    expect((await account.release('shop', '0.1.0')).stage).toBe('refused');
    expect((await transitionsOf('0.1.0')).at(-1)!.why).toMatch(/unikernel\.raw is refused: 0\.1\.0 is refused already/);
    await nothingLeft('shop');
  });

  it('larger than its service allows is refused by its event, before a byte of it is read', async () => {
    await account.put('shop/0.2.0/linux.raw', 'as if it were large');
    const event = account.s3Events.at(-1) as { detail: { object: object } };
    const large = { ...event.detail, object: { ...event.detail.object, size: 2 ** 30 + 1 } };
    // The event S3 would have sent of such an object comes first.
    const invoked = await account.runtime.composed.functions.invoke(account.functionNamed('AdmitImage'), {
      ...event,
      detail: large,
    });
    expect(invoked).toMatchObject({ kind: 'returned', payload: { kind: 'refused' } });
    await account.advance(SETTLED);
    const refused = await account.release('shop', '0.2.0');
    expect(refused.stage).toBe('refused');
    expect(lastWhy(refused)).toBe('shop/0.2.0/linux.raw is refused: it is larger than 1 GiB (maxImageGiB). Upload a new version');
    await nothingLeft('shop');
  });

  it('that is not of the declared format is never made into an AMI', async () => {
    await account.put('shop/0.3.0/linux.raw', await account.image('shop', '0.3.0', 'linux'));
    await account.put('shop/0.3.0/unikernel.raw', 'QFI\u00fb, and not a tar at all');
    const release = await account.untilOver('shop', '0.3.0');
    expect(stagesOf(release)).toEqual(['received', 'baking', 'rolling-back', 'rolled-back']);
    expect(lastWhy(release)).toMatch(/shop\/0\.3\.0\/unikernel\.raw is refused: .*"bundle", a tar .*Upload a tar/);
    await account.advance(1);
    await nothingLeft('shop');
  });

  it('whose pinned version is deleted before it is baked takes its release back', async () => {
    await account.upload('shop', '0.4.0');
    const images = (await account.call<{ Buckets: { Name: string }[] }>('s3:ListBuckets')).Buckets.find(({ Name }) =>
      /images/i.test(Name),
    )!;
    const VersionId = (account.s3Events.at(-1) as { detail: { object: { 'version-id': string } } }).detail.object['version-id'];
    await account.call('s3:DeleteObject', { Bucket: images.Name, Key: 'shop/0.4.0/unikernel.raw', VersionId });
    const release = await account.untilOver('shop', '0.4.0');
    expect(release.stage).toBe('rolled-back');
    expect(lastWhy(release)).toMatch(/shop\/0\.4\.0\/unikernel\.raw is not there any more .*Upload a new version/);
    await account.advance(1);
    await nothingLeft('shop');
  });

  it(
    'that is overwritten while it is baked is refused, and what was admitted goes on',
    async () => {
      const users = await account.users('shop');
      await account.upload('shop', '1.0.0');
      await account.untilStage('shop', '1.0.0', 'baking');
      await account.put('shop/1.0.0/linux.raw', await account.image('shop', 'overwritten', 'linux'));
      await account.advance(SETTLED);
      const remark = (await transitionsOf('1.0.0')).find(({ about }) => about !== undefined)!;
      expect(remark.why).toMatch(
        /linux\.raw is refused: it was uploaded before, and releases are immutable\. Upload a new version/,
      );
      expect((await account.untilOver('shop', '1.0.0')).stage).toBe('stable');
      const faces = new Set(users.answers.map(({ latencyMs }) => latencyMs));
      expect(faces).toContain(account.face('shop', '1.0.0', 'linux'));
      expect(faces).not.toContain(account.face('shop', 'overwritten', 'linux'));
    },
    LONG_MS,
  );

  it('of a version that was released is refused, and nothing moves', async () => {
    const before = { service: await account.service('shop'), left: await left(account, 'shop') };
    await account.upload('shop', '1.0.0', { linux: { errorRate: 1 } });
    await account.advance(1);
    const why = (await transitionsOf('1.0.0')).slice(-2).map((one) => one.why);
    expect(why.toSorted()).toEqual([
      expect.stringMatching(/^shop\/1\.0\.0\/linux\.raw is refused: it was uploaded before/),
      expect.stringMatching(/^shop\/1\.0\.0\/unikernel\.raw is refused: it was uploaded before/),
    ]);
    expect((await account.release('shop', '1.0.0')).stage).toBe('stable');
    expect({ service: await account.service('shop'), left: await left(account, 'shop') }).toEqual(before);
  });

  it(
    'that comes alone expires with a notice',
    async () => {
      const before = await left(account, 'shop');
      await account.put('shop/1.1.0/linux.raw', await account.image('shop', '1.1.0', 'linux'));
      await account.advance(63);
      const expired = await account.release('shop', '1.1.0');
      expect(expired.stage).toBe('refused');
      const why = 'unikernel.raw did not come within 1 hour(s). Upload all parts as a new version';
      expect(lastWhy(expired)).toBe(why);
      expect(account.notices('shop', '1.1.0').at(-1)).toMatchObject({ stage: 'refused', why });
      expect(await left(account, 'shop')).toEqual(before);
    },
    LONG_MS,
  );
});

describe('the events of an upload', () => {
  inAccountWith('shop');

  it(
    'start one release, once, when each comes twenty times and the last comes first',
    async () => {
      const { bus } = account.runtime.composed;
      await account.upload('shop', '1.0.0');
      const events = account.s3Events.toReversed() as { source: string; 'detail-type': string; detail: object }[];
      for (const event of events) for (let n = 0; n < 20; n += 1) bus.put(event);
      await account.untilStage('shop', '1.0.0', 'canary');
      // And once more, when it is long under way.
      for (const event of events) bus.put(event);
      await account.advance(1);

      expect((await executions(account, 'tandem-release')).map(({ name }) => name)).toEqual(['release-shop-1.0.0-1']);
      expect(stagesOf(await account.release('shop', '1.0.0'))).toEqual(['received', 'baking', 'canary']);
      expect(new Set(account.notices('shop', '1.0.0').map(({ id }) => id)).size).toBe(3);
      expect(await instances(account, 'shop')).toHaveLength(1);
    },
    LONG_MS,
  );
});
