/** A build that cannot be: which file, package or tool is missing, before anything is made. */
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildTwin } from '../../twin/build-twin.ts';
import { findTools } from '../../twin/tools.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twin-error-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function build(twin: object, version = '1.0.0', environment: NodeJS.ProcessEnv = process.env) {
  await writeFile(join(folder, 'twin.json'), JSON.stringify({ name: 'hello', entrypoint: '/app/hello', ...twin }));
  const out = join(folder, 'out');
  return buildTwin({ folder, version, out, form: 'single-process', environment }, () => undefined);
}

describe('a build names', () => {
  it('the folder without a twin.json', async () => {
    const request = { folder, version: '1.0.0', out: folder, environment: process.env };
    await expect(buildTwin(request, () => undefined)).rejects.toThrow(`there is no ${join(folder, 'twin.json')}`);
  });

  it('the version no image key takes', async () => {
    await expect(build({}, 'v1')).rejects.toThrow('version "v1" is not semantic');
  });

  it('the file that is not there, and leaves no release behind', async () => {
    const files = [{ source: 'bin/hello', target: '/app/hello' }];
    await expect(build({ files })).rejects.toThrow('twin.json: files[0].source: there is no "bin/hello"');
    await expect(access(join(folder, 'out/release.json'))).rejects.toThrow();
  });

  it('the entrypoint that nothing brings, and one that is no program', async () => {
    await expect(build({})).rejects.toThrow('twin.json: entrypoint: "/app/hello" is neither the target of one of the files');
    const files = [{ text: 'hello', target: '/app/hello', mode: '0755' }];
    await expect(build({ files })).rejects.toThrow('is neither an ELF program nor a script');
  });

  it('the program that runs a script and is not in the image', async () => {
    const files = [{ text: '#!/usr/bin/python3\n', target: '/app/hello', mode: '0755' }];
    await expect(build({ files })).rejects.toThrow('"/app/hello" is run by /usr/bin/python3, which is not in the image');
  });

  it('two files for one place, and a place that is not to be filled', async () => {
    const twice = { text: 'a', target: '/app/a' };
    await expect(build({ files: [twice, twice] })).rejects.toThrow('files[1].target: "/app/a" is in the linux image already');
    await expect(build({ files: [{ text: 'a', target: '/run/a' }] })).rejects.toThrow('/run is not the service');
  });

  it('the package apt does not know', async () => {
    await expect(build({ packages: ['no-such-package-here'] })).rejects.toThrow('apt knows no package no-such-package-here');
  });

  it('the epoch that no file system holds', async () => {
    await expect(build({}, '1.0.0', { ...process.env, SOURCE_DATE_EPOCH: 'now' })).rejects.toThrow('SOURCE_DATE_EPOCH is "now"');
  });

  it('every tool that is missing, with the line that installs them', () => {
    expect(() => findTools('/nowhere', [])).toThrow(
      /gcc, mksquashfs[^]*sudo apt-get install apt dpkg gcc libc6-dev squashfs-tools/,
    );
  });
});
