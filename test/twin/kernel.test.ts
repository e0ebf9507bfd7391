/** The kernel that twin.json pins, with a stand-in for apt-cache and packages that were unpacked before. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchKernel } from '../../twin/debian/kernel.ts';
import type { Debian } from '../../twin/debian/packages.ts';

const OLD = 'linux-image-6.1.0-9-cloud-amd64_6.1.27-1_amd64';

/** As apt-cache of Debian 12 answered. */
const APT_CACHE = `#!/bin/sh
case "$1" in
pkgnames) printf '%s\\n' linux-image-6.1.0-9-cloud-amd64 linux-image-6.1.0-50-cloud-amd64 linux-image-6.1.0-50-cloud-amd64-unsigned linux-image-cloud-amd64 ;;
madison) printf '%s\\n' \\
  'linux-image-6.1.0-9-cloud-amd64 |  6.1.27-2 | http://deb.debian.org/debian bookworm/main amd64 Packages' \\
  'linux-image-6.1.0-50-cloud-amd64 |  6.1.176-1 | http://deb.debian.org/debian bookworm/main amd64 Packages' \\
  'linux-image-6.1.0-50-cloud-amd64 |  6.1.176-1 | http://deb.debian.org/debian-security bookworm-security/main amd64 Packages' ;;
esac
`;

let home: string;
let debian: Debian;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'kernel-'));
  await writeFile(join(home, 'apt-cache'), APT_CACHE);
  await chmod(join(home, 'apt-cache'), 0o755);
  debian = { tools: (tool) => join(home, tool), cache: home, environment: process.env, tell: () => undefined };
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('a pinned kernel', () => {
  it('that apt has not is an error which names each one it has, once, the newest first', async () => {
    await expect(fetchKernel(debian, { pinned: OLD })).rejects.toThrow(
      /apt has no "linux-image-6\.1\.0-9-cloud-amd64_6\.1\.27-1_amd64" \(any more\)\. Available are, newest first: linux-image-6\.1\.0-50-cloud-amd64_6\.1\.176-1_amd64, linux-image-6\.1\.0-9-cloud-amd64_6\.1\.27-2_amd64$/,
    );
  });

  it('that was unpacked before is taken without asking apt', async () => {
    const folder = join(home, 'packages', OLD);
    await mkdir(join(folder, 'boot'), { recursive: true });
    await mkdir(join(folder, 'lib/modules/6.1.0-9-cloud-amd64'), { recursive: true });
    await writeFile(join(folder, 'boot/vmlinuz-6.1.0-9-cloud-amd64'), '');
    // No module at all: what is said of it tells that this folder was read.
    await writeFile(join(folder, 'lib/modules/6.1.0-9-cloud-amd64/modules.builtin'), '');
    await expect(fetchKernel(debian, { pinned: OLD })).rejects.toThrow(
      `the kernel package has no module virtio_pci in ${folder}`,
    );
  });
});
