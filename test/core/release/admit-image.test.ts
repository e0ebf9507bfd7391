import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admitImage } from '../../../core/release/admit-image.ts';
import { preAuthenticationEncoding } from '../../../core/release/parse-manifest.ts';
import { HOUR } from '../../fakes/fixtures.ts';
import { openDriver, openStable, run } from '../../fakes/hello.ts';
import type { Driver } from '../../fakes/memory-world.ts';
import { runRelease } from '../../fakes/memory-world.ts';

const SHA = { linux: 'a'.repeat(64), unikernel: 'b'.repeat(64) };

const manifest = (given: Record<string, unknown> = {}) =>
  JSON.stringify({
    service: 'web',
    version: '1.0.0',
    images: { 'linux.raw': { sha256: SHA.linux }, 'unikernel.raw': { sha256: SHA.unikernel } },
    ...given,
  });

const withBlocks = (linux: object) => ({
  images: { 'linux.raw': { sha256: SHA.linux, ...linux }, 'unikernel.raw': { sha256: SHA.unikernel } },
});

async function uploadManifest(driver: Driver, text: string, version = '1.0.0', versionId = 'm') {
  driver.world.source.texts.set(`web/${version}/release.json#${versionId}`, text);
  return driver.upload(version, 'release.json', { size: text.length, versionId });
}

const find = async (driver: Driver, version = '1.0.0') => (await driver.world.records.findRelease('web', version))!;

async function nothingStarted(driver: Driver) {
  expect([...driver.world.executions.runs.keys()]).toEqual([]);
  expect((await driver.world.records.findService('web'))?.inFlight).toBeUndefined();
}

describe('an upload that names no release', () => {
  it.each([
    ['1.0.0', 'disk.img', 'names no part of a release'],
    ['1.0', 'linux.raw', 'is not semantic'],
    ['1.0.0+build', 'linux.raw', 'build metadata'],
    [`1.0.0-${'x'.repeat(40)}`, 'linux.raw', 'longer than 32'],
    ['01.0.0', 'linux.raw', 'is not semantic'],
    ['1.0.0/extra', 'linux.raw', 'is not of the form'],
  ])('is recorded as a refusal: web/%s/%s', async (version, file, why) => {
    const driver = openDriver();
    expect(await driver.upload(version, file)).toMatchObject({ kind: 'refused', why: expect.stringContaining(why) as string });
    await driver.upload(version, file);
    expect(driver.world.refusals.refused).toMatchObject([{ service: 'web', why: expect.stringContaining(why) as string }]);
    await nothingStarted(driver);
  });

  it('is recorded under no service when there is none of that name', async () => {
    const driver = openDriver();
    const object = { key: 'nobody/1.0.0/linux.raw', size: 1, etag: 'e', 'version-id': 'v', sequencer: 's' };
    const world = { ...driver.world, images: driver.world.source };
    const answer = await admitImage(world, { id: 'x', time: 0, detail: { bucket: { name: 'b' }, object } });
    expect(answer).toMatchObject({ kind: 'refused', why: expect.stringContaining('Add services/nobody.json') as string });
    expect(driver.world.refusals.refused.find(({ id }) => id === 's')?.service).toBeUndefined();
  });
});

describe('an image that cannot be taken', () => {
  it.each([
    ['empty', 0, 'it is empty'],
    ['over the declared size', 17 * 1024 ** 3, 'larger than 16 GiB'],
  ])('refuses its release: %s', async (_case, size, why) => {
    const driver = openDriver();
    await driver.upload('1.0.0', 'linux.raw');
    expect((await driver.upload('1.0.0', 'unikernel.raw', { size })).kind).toBe('refused');
    const release = await find(driver);
    expect(release.stage).toBe('refused');
    expect(release.transitions.at(-1)).toMatchObject({ notified: true, why: expect.stringContaining(why) as string });
    await nothingStarted(driver);
  });

  it('is refused alone when its release is under way with another upload of it', async () => {
    const driver = openDriver();
    await driver.uploadBoth('1.0.0');
    const answer = await driver.upload('1.0.0', 'linux.raw', { versionId: 'overwritten' });
    expect(answer).toMatchObject({ kind: 'refused', why: expect.stringContaining('web/1.0.0/linux.raw') as string });
    await driver.upload('1.0.0', 'linux.raw', { versionId: 'overwritten' });
    const release = await find(driver);
    expect(release.images.linux?.versionId).toBe('linux.raw-1.0.0');
    expect(release.intent).toBeUndefined();
    expect(release.transitions.filter(({ about }) => about?.endsWith('#overwritten'))).toHaveLength(1);
    expect(driver.world.notices.sent.filter(({ about }) => about !== undefined)).toHaveLength(1);
  });

  it('is refused when the version was released before, and the stable release stays', async () => {
    const driver = await openStable();
    expect((await driver.upload('1.0.0', 'linux.raw', { versionId: 'again' })).kind).toBe('refused');
    expect((await find(driver)).stage).toBe('stable');
    expect((await driver.world.records.findService('web'))?.stable?.version).toBe('1.0.0');
  });

  it('fills no record, however often it is uploaded', async () => {
    const driver = openDriver();
    await driver.uploadBoth('1.0.0');
    for (let n = 0; n < 40; n++) await driver.upload('1.0.0', 'linux.raw', { versionId: `again-${n}` });
    expect((await find(driver)).transitions.length).toBeLessThan(30);
    expect(driver.world.refusals.refused.length).toBe(20);
  });

  it('keeps few remarks of manifests that are wrong again and again, while the release is being stopped', async () => {
    const driver = await openStable();
    await driver.uploadBoth('2.0.0');
    for (let n = 0; n < 40; n++) await uploadManifest(driver, 'no JSON', '2.0.0', `wrong-${n}`);
    const release = (await driver.world.records.findRelease('web', '2.0.0'))!;
    expect(release.intent?.kind).toBe('abort');
    expect(release.transitions.filter(({ about }) => about !== undefined)).toHaveLength(20);
    expect(driver.world.refusals.refused).toHaveLength(20);
    expect(release.transitions.at(-1)?.why).toContain('stays as it is');
  });
});

describe('a manifest', () => {
  it.each([
    ['bad JSON', '{"service":', 'it is not JSON'],
    ['unknown field', manifest({ colour: 'red' }), 'unknown field "colour"'],
    ['nested', '['.repeat(5000), 'nested more than 8'],
    ['wrong service', manifest({ service: 'api' }), 'service is "api"'],
    ['wrong version', manifest({ version: '9.9.9' }), 'version is "9.9.9"'],
    ['no digest', manifest({ images: { 'linux.raw': {}, 'unikernel.raw': {} } }), 'images["linux.raw"].sha256 is missing'],
    ['bad blocks', manifest(withBlocks({ blocks: 'b'.repeat(63), bytes: 10 })), '.blocks is "bbb'],
    ['null blocks', manifest(withBlocks({ blocks: null, bytes: 10 })), '.blocks is null, and must be 64'],
    ['blocks without bytes', manifest(withBlocks({ blocks: 'b'.repeat(64) })), 'has blocks, and must then have bytes too'],
    ['blocks alone', manifest(withBlocks({ sha256: undefined, blocks: 'b'.repeat(64), bytes: 10 })), '.sha256 is missing'],
    ['too large', manifest({ source: { note: 'x'.repeat(70_000) } }), '65536 is the most'],
    ['not an object', '[1]', 'must be an object'],
  ])('that is no manifest refuses its release: %s', async (_case, text, why) => {
    const driver = openDriver({ integrity: 'digest' });
    await driver.uploadBoth('1.0.0');
    expect(await uploadManifest(driver, text)).toMatchObject({ kind: 'refused', why: expect.stringContaining(why) as string });
    expect((await find(driver)).stage).toBe('refused');
    await nothingStarted(driver);
  });

  it('whose sizes are not those of the images refuses the release, whichever comes last', async () => {
    const images = { 'linux.raw': { sha256: SHA.linux, bytes: 99 }, 'unikernel.raw': { sha256: SHA.unikernel } };
    for (const order of ['manifest last', 'image last']) {
      const driver = openDriver({ integrity: 'digest' });
      await driver.upload('1.0.0', 'unikernel.raw');
      if (order === 'image last') await uploadManifest(driver, manifest({ images }));
      await driver.upload('1.0.0', 'linux.raw');
      if (order === 'manifest last') await uploadManifest(driver, manifest({ images }));
      const release = await find(driver);
      expect(release.stage, order).toBe('refused');
      expect(release.transitions.at(-1)?.why, order).toContain('99');
      await nothingStarted(driver);
    }
  });

  it('under "digest" starts the release when all three are there, whichever comes last', async () => {
    for (const last of ['release.json', 'linux.raw', 'unikernel.raw']) {
      const driver = openDriver({ integrity: 'digest' });
      const others = ['release.json', 'linux.raw', 'unikernel.raw'].filter((file) => file !== last);
      const upload = (file: string) =>
        file === 'release.json' ? uploadManifest(driver, manifest()) : driver.upload('1.0.0', file);
      for (const file of others) expect((await upload(file)).kind).toBe('waiting');
      expect((await upload(last)).kind, last).toBe('started');
    }
  });

  it('under "none" that comes after the bake and disagrees aborts the release in flight', async () => {
    const driver = openDriver();
    await driver.uploadBoth('1.0.0');
    const { records, executions } = driver.world;
    const release = await find(driver);
    const linux = { ...release.images.linux!, sha256: 'c'.repeat(64) };
    await records.putRelease({ ...release, images: { ...release.images, linux } });
    expect((await uploadManifest(driver, manifest())).kind).toBe('refused');
    expect((await find(driver)).intent?.kind).toBe('abort');
    expect(executions.runs.get('rollback-web-1.0.0-1')).toBe('running');
  });

  it('is held to the blocks of the images once they are baked, and is of no use without theirs', async () => {
    const late = async (linux: object) => {
      const driver = openDriver();
      await driver.uploadBoth('1.0.0');
      const release = await find(driver);
      const [one, two] = [release.images.linux!, release.images.unikernel!];
      const images = { linux: { ...one, blocks: 'c'.repeat(64) }, unikernel: { ...two, blocks: 'd'.repeat(64) } };
      await driver.world.records.putRelease({ ...release, images });
      const unikernel = { sha256: SHA.unikernel, bytes: two.bytes, blocks: 'D'.repeat(64) };
      const text = manifest({
        images: { 'linux.raw': { sha256: SHA.linux, bytes: one.bytes, ...linux }, 'unikernel.raw': unikernel },
      });
      const { why } = await uploadManifest(driver, text);
      return { why, release: await find(driver) };
    };
    const agreeing = await late({ blocks: 'c'.repeat(64) });
    expect(agreeing.release.manifest?.blocks).toEqual({ linux: 'c'.repeat(64), unikernel: 'd'.repeat(64) });
    const differing = await late({ blocks: 'e'.repeat(64) });
    expect(differing.release.intent?.kind).toBe('abort');
    const without = await late({});
    expect(without.why).toContain('linux.raw is baked already and its SHA-256 was not taken: give "blocks" too');
    expect(without.release).toMatchObject({ stage: 'received' });
    expect([without.release.manifest, without.release.intent]).toEqual([undefined, undefined]);
  });

  it('under "none" that comes third and agrees is taken, and one that is none aborts', async () => {
    const driver = openDriver();
    await driver.uploadBoth('1.0.0');
    expect((await uploadManifest(driver, manifest())).kind).toBe('started');
    expect((await find(driver)).manifest?.sha256).toEqual(SHA);
    const other = openDriver();
    await other.uploadBoth('1.0.0');
    expect((await uploadManifest(other, '{')).kind).toBe('refused');
    expect((await find(other)).intent?.kind).toBe('abort');
  });

  it('keeps traffic from a release whose images it does not name, also if it came while they were baked', async () => {
    const driver = openDriver();
    await driver.uploadBoth('1.0.0');
    await uploadManifest(driver, manifest());
    await driver.record(run('1.0.0', 1), 'baking');
    const release = await find(driver);
    const linux = { ...release.images.linux!, sha256: 'c'.repeat(64) };
    await driver.world.records.putRelease({ ...release, images: { ...release.images, linux } });
    await expect(driver.record(run('1.0.0', 1), 'canary')).rejects.toMatchObject({ name: 'DigestMismatch' });
  });

  it('under "signed" counts only in an envelope signed with the declared key', async () => {
    const mine = generateKeyPairSync('ed25519');
    const other = generateKeyPairSync('ed25519');
    const signingKey = mine.publicKey.export({ type: 'spki', format: 'pem' });
    const envelope = (key: typeof mine.privateKey, text = manifest()) => {
      const payloadType = 'application/vnd.tandem.release+json';
      const message = preAuthenticationEncoding(payloadType, new TextEncoder().encode(text));
      const sig = sign(null, message, key).toString('base64');
      return JSON.stringify({ payloadType, payload: Buffer.from(text).toString('base64'), signatures: [{ sig }] });
    };
    const outcome = async (text: string) => {
      const driver = openDriver({ integrity: 'signed', signingKey });
      await driver.uploadBoth('1.0.0');
      return uploadManifest(driver, text);
    };
    expect((await outcome(envelope(mine.privateKey))).kind).toBe('started');
    expect((await outcome(envelope(other.privateKey))).why).toContain('no signature holds');
    expect((await outcome(manifest())).why).toContain('DSSE envelope');
    const changed = JSON.parse(envelope(mine.privateKey)) as { payload: string };
    expect(
      (await outcome(JSON.stringify({ ...changed, payload: Buffer.from(manifest({ version: '1.0.1' })).toString('base64') })))
        .why,
    ).toContain('no signature holds');
  });
});

describe('events in any order and number', () => {
  it('start a release exactly once', async () => {
    const event = fc.constantFrom('linux.raw', 'unikernel.raw', 'release.json');
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 20 }), fc.constantFrom('none', 'digest'), async (files, integrity) => {
        const driver = openDriver({ integrity });
        driver.world.source.texts.set('web/1.0.0/release.json#release.json-1.0.0', manifest());
        const kinds: string[] = [];
        for (const file of [...files, 'unikernel.raw', 'release.json', 'linux.raw', ...files]) {
          kinds.push((await driver.upload('1.0.0', file)).kind);
        }
        expect(kinds).not.toContain('refused');
        expect([...driver.world.executions.runs.keys()]).toEqual(['release-web-1.0.0-1']);
        expect(await driver.world.records.findService('web')).toMatchObject({ inFlight: '1.0.0', fence: 1 });
      }),
    );
  });

  it('at the same moment start a release exactly once', async () => {
    const driver = openDriver();
    await Promise.all(Array.from({ length: 20 }, (_, n) => driver.upload('1.0.0', n % 2 ? 'linux.raw' : 'unikernel.raw')));
    expect([...driver.world.executions.runs.keys()]).toEqual(['release-web-1.0.0-1']);
  });

  it('start nothing that has been and gone', async () => {
    const driver = await openStable();
    for (const file of ['linux.raw', 'unikernel.raw']) expect((await driver.upload('1.0.0', file)).kind).toBe('ignored');
    await nothingInFlight(driver);
  });

  it('of several releases never bring two in flight, and each is started at most once', async () => {
    const versions = ['1.0.0', '1.1.0', '1.2.0', '2.0.0'];
    const events = fc.shuffledSubarray(
      versions.flatMap((version) => [`${version} linux.raw`, `${version} unikernel.raw`]),
      { minLength: 8 },
    );
    const policy = fc.constantFrom('supersede', 'queue', 'refuse');
    await fc.assert(
      fc.asyncProperty(events, events, policy, async (first, second, onNewRelease) => {
        const driver = openDriver({ onNewRelease });
        for (const event of [...first, ...second]) {
          const [version = '', file = ''] = event.split(' ');
          await driver.upload(version, file);
        }
        const started = [...driver.world.executions.runs.keys()].filter((name) => name.startsWith('release-'));
        expect(started).toHaveLength(1);
        const record = await driver.world.records.findService('web');
        const stages = await driver.world.records.releases('web');
        const waiting = stages.filter(({ stage, fence }) => stage === 'received' && fence === 0).map(({ version }) => version);
        expect([...record!.queue].sort()).toEqual([...waiting].sort());
        if (onNewRelease === 'queue') expect(record!.queue).toHaveLength(3);
        if (onNewRelease === 'refuse') expect(record!.queue).toHaveLength(0);
        if (onNewRelease === 'supersede') expect(record!.queue).toHaveLength(1);
      }),
    );
  });
});

describe('a release that arrives while another is warm', () => {
  it('ends the warm time early and starts when the other is stable', async () => {
    const driver = await openStable({ warmMinutes: 2880 });
    await driver.uploadBoth('2.0.0');
    const second = run('2.0.0', 2);
    await runRelease(driver, second, 'warm');
    expect((await driver.uploadBoth('3.0.0')).kind).toBe('queued');
    const before = driver.world.time.now;
    expect((await driver.watch(second, 'warm')).kind).toBe('pass');
    expect(driver.world.time.now - before).toBeLessThan(HOUR);
    await driver.retire(second, 'old-fleet');
    await driver.record(second, 'stable');
    expect(await driver.world.records.findService('web')).toMatchObject({
      inFlight: '3.0.0',
      queue: [],
      stable: { version: '2.0.0' },
    });
    expect(driver.world.executions.runs.get('release-web-3.0.0-3')).toBe('running');
  });
});

const nothingInFlight = async (driver: Driver) =>
  expect((await driver.world.records.findService('web'))?.inFlight).toBeUndefined();
