/** `release.json` under each `integrity`: what completes a release, and what stops it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { lastWhy } from './app/items.ts';
import { left, NOTHING } from './app/left.ts';
import { manifest, type ManifestOf, signed, testKey } from './app/manifest.ts';

const LONG_MS = 120_000;
const SETTLED = 0.2;
let account: Account;
beforeAll(async () => {
  account = await Account.open(['shop', 'digests', 'signed']);
}, LONG_MS);
afterAll(() => account.stop());

async function parts(service: string, version: string) {
  const linux = await account.image(service, version, 'linux');
  const unikernel = await account.image(service, version, 'unikernel');
  return { linux, unikernel, text: manifest({ service, version, linux, unikernel }) };
}

async function putImages(service: string, version: string) {
  const made = await parts(service, version);
  await account.put(`${service}/${version}/linux.raw`, made.linux);
  await account.put(`${service}/${version}/unikernel.raw`, made.unikernel);
  return made;
}

async function putManifest(service: string, version: string, text: string) {
  await account.put(`${service}/${version}/release.json`, text);
  await account.advance(SETTLED);
}

/** It went on: undone, so that the next test finds the account empty. */
async function wentOn(service: string, version: string) {
  await account.untilStage(service, version, 'canary');
  await account.order(service, version, 'abort');
  await account.untilOver(service, version);
}

async function isOver(service: string, version: string, stage: string, why: RegExp) {
  const release = await account.untilOver(service, version);
  expect({ stage: release.stage, whys: release.transitions.map((one) => one.why) }).toEqual({
    stage,
    whys: expect.arrayContaining([expect.stringMatching(why)]) as unknown,
  });
  await account.advance(1);
  expect(await left(account, service)).toEqual(NOTHING);
}

const wrong = { images: { 'linux.raw': { sha256: 'ab'.repeat(32) }, 'unikernel.raw': { sha256: 'cd'.repeat(32) } } };
const wrongBlocks = ({ linux, unikernel }: Pick<ManifestOf, 'linux' | 'unikernel'>) => {
  const image = ({ length }: Uint8Array) => ({ sha256: 'ab'.repeat(32), blocks: 'ab'.repeat(32), bytes: length });
  return { images: { 'linux.raw': image(linux), 'unikernel.raw': image(unikernel) } };
};

describe('a manifest that comes third', () => {
  it('is not waited for where integrity is "none", and holds the images all the same', async () => {
    const { text } = await putImages('shop', '0.1.0');
    await account.untilStage('shop', '0.1.0', 'baking');
    await putManifest('shop', '0.1.0', text);
    await wentOn('shop', '0.1.0');
  });

  it('stops a release it does not describe, where integrity is "none"', async () => {
    const { linux, unikernel } = await putImages('shop', '0.2.0');
    await account.untilStage('shop', '0.2.0', 'baking');
    const images = { linux, unikernel };
    await putManifest('shop', '0.2.0', manifest({ service: 'shop', version: '0.2.0', ...images }, wrongBlocks(images)));
    const why = /linux\.raw has a digest of its blocks of [0-9a-f]{64}, (and it|but release\.json) says (ab){32}/;
    await isOver('shop', '0.2.0', 'rolled-back', why);
  });

  it('stops a release whose canary runs already', async () => {
    const { linux, unikernel } = await putImages('shop', '0.3.0');
    await account.untilStage('shop', '0.3.0', 'canary');
    const images = { linux, unikernel };
    await putManifest('shop', '0.3.0', manifest({ service: 'shop', version: '0.3.0', ...images }, wrongBlocks(images)));
    await isOver(
      'shop',
      '0.3.0',
      'rolled-back',
      /release\.json is refused: linux\.raw has a digest of its blocks .*Upload a new version/,
    );
  });

  it('is refused by itself when the images are baked and it does not give their blocks', async () => {
    const { text } = await putImages('shop', '0.4.0');
    await account.untilStage('shop', '0.4.0', 'canary');
    await putManifest('shop', '0.4.0', text);
    await wentOn('shop', '0.4.0');
    const { transitions } = await account.release('shop', '0.4.0');
    expect(transitions.map(({ why }) => why)).toContainEqual(
      expect.stringContaining('its SHA-256 was not taken: give "blocks" too'),
    );
  });

  it('starts the release where integrity is "digest"', async () => {
    const { text } = await putImages('digests', '0.1.0');
    await account.advance(2);
    expect((await account.release('digests', '0.1.0')).stage).toBe('received');
    await putManifest('digests', '0.1.0', text);
    await wentOn('digests', '0.1.0');
  });

  it('starts the release where integrity is "signed" and the signature holds', async () => {
    const { text } = await putImages('signed', '0.1.0');
    await account.advance(2);
    expect((await account.release('signed', '0.1.0')).stage).toBe('received');
    await putManifest('signed', '0.1.0', signed(text));
    await wentOn('signed', '0.1.0');
  });

  it.each([
    [
      'by another key',
      '0.2.0',
      (text: string) => signed(text, testKey('another')),
      /no signature holds against the service's signingKey/,
    ],
    ['not at all', '0.3.0', (text: string) => text, /takes a DSSE envelope\) has an unknown field "service"/],
    [
      'for another version',
      '0.4.0',
      (text: string) => signed(text.replace('0.4.0', '0.4.1')),
      /version is "0\.4\.1", but the key says "0\.4\.0"/,
    ],
  ])('refuses the release where integrity is "signed" and it is signed %s', async (_how, version, sign, why) => {
    const { text } = await putImages('signed', version);
    await putManifest('signed', version, sign(text));
    await isOver('signed', version, 'refused', why);
  });
});

describe('a manifest', () => {
  it.each([
    ['that is not JSON', '1.0.0', '{"service": "digests",', /release\.json is refused: it is not JSON: .*Upload a new version/],
    [
      'with an unknown field',
      '1.0.1',
      '{"servce": "digests"}',
      /has an unknown field "servce"; allowed are service, version, images, source/,
    ],
    ['of 1 MB of nesting', '1.0.2', '['.repeat(1_000_000), /it has 1000000 bytes, and 65536 is the most/],
    ['of nesting as deep as its size allows', '1.0.3', '['.repeat(60_000), /it is nested more than 8 levels deep/],
    ['that is empty', '1.0.4', '', /it is not JSON/],
    ['of bytes that are no text', '1.0.5', '\u0000\u0001\ufffd', /it is not JSON/],
    [
      'without the digests',
      '1.0.6',
      '{"service":"digests","version":"1.0.6","images":{}}',
      /images\["linux\.raw"\] is missing, and must be an object/,
    ],
  ])('%s refuses its release', async (_what, version, text, why) => {
    await putManifest('digests', version, text);
    await isOver('digests', version, 'refused', why);
  });

  it('that comes first and has a wrong digest takes the release back while it is baked', async () => {
    const { linux, unikernel } = await parts('digests', '1.1.0');
    await putManifest('digests', '1.1.0', manifest({ service: 'digests', version: '1.1.0', linux, unikernel }, wrong));
    await putImages('digests', '1.1.0');
    await isOver(
      'digests',
      '1.1.0',
      'rolled-back',
      /SHA-256 [0-9a-f]{64}, but release\.json says [abcd]{64}\. Upload both again from one build/,
    );
  });

  it('that comes first and has a wrong size refuses the release before it is baked', async () => {
    const { linux, unikernel, text } = await parts('digests', '1.2.0');
    const sizes = text.replace(`"bytes":${linux.length}`, `"bytes":${linux.length + unikernel.length}`);
    await putManifest('digests', '1.2.0', sizes);
    await putImages('digests', '1.2.0');
    await isOver(
      'digests',
      '1.2.0',
      'refused',
      /linux\.raw has \d+ bytes, but release\.json says \d+\. Upload both from one build/,
    );
  });

  it('that never comes lets its release expire, where it is wanted', async () => {
    await putImages('digests', '1.3.0');
    await account.advance(63);
    expect(lastWhy(await account.release('digests', '1.3.0'))).toBe(
      'release.json did not come within 1 hour(s). Upload all parts as a new version',
    );
    await isOver('digests', '1.3.0', 'refused', /release\.json did not come/);
  });
});
