import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { extract } from 'tar-stream';
import { Readable } from 'node:stream';
import { buildHello } from '../../examples/hello/build.ts';

async function readRun(image: Buffer): Promise<{ mode: number | undefined; text: string }> {
  const entries = extract();
  Readable.from(image).pipe(entries);
  for await (const entry of entries) return { mode: entry.header.mode, text: (await buffer(entry)).toString() };
  throw new Error('empty bundle');
}

describe('the two builds of hello', () => {
  it('are the same bytes each time they are built', async () => {
    const [once, again] = await Promise.all([buildHello({ version: '1.0.0' }), buildHello({ version: '1.0.0' })]);
    expect(again).toEqual(once);
  });

  it('are two builds: the instrumentation is in the Linux one and not in the other', async () => {
    const images = await buildHello({ version: '1.0.0' });
    const [linux, unikernel] = await Promise.all([readRun(images.linux), readRun(images.unikernel)]);
    expect(linux.text).toContain('uncaughtException');
    expect(unikernel.text).not.toContain('uncaughtException');
    expect([linux.mode, unikernel.mode]).toEqual([0o755, 0o755]);
  });

  it('come with a manifest that names both digests', async () => {
    const images = await buildHello({ version: '2.0.0' });
    expect(JSON.parse(images.manifest)).toMatchObject({
      service: 'hello',
      version: '2.0.0',
      images: { 'linux.raw': { bytes: images.linux.length }, 'unikernel.raw': { bytes: images.unikernel.length } },
    });
  });
});
