/** Images nobody should upload: hand-made boot sectors, and what `tandem build` makes of test/guest/service.c. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildTwin } from '../../../twin/build-twin.ts';
import { compile } from '../../guest/images.ts';
import { bootSector } from '../../local/ec2/qemu/boot-sectors.ts';

export interface Pair {
  readonly linux: Uint8Array;
  readonly unikernel: Uint8Array;
}

const MIB = 2 ** 20;

/** What it is given as its Linux image decides: the release ends before its unikernel would boot. */
const alone = (linux: Uint8Array): Pair => ({ linux, unikernel: bootSector('never booted', 'halt') });

export const ZEROS = alone(new Uint8Array(MIB));
export const POWERS_OFF = alone(bootSector('no configuration: giving up\r\n', 'off'));
export const RESETS = alone(bootSector('no memory: starting again\r\n', 'reset'));
export const NEVER_LISTENS = alone(bootSector('waiting for a lock\r\n', 'halt'));

/** `words`: what the service is started with; `more`: of its twin.json. */
export async function built(folder: string, name: string, words: readonly string[], more: object = {}): Promise<Pair> {
  const twin = join(folder, name);
  await mkdir(twin, { recursive: true });
  await compile(join(import.meta.dirname, '../../guest/service.c'), join(twin, 'service'));
  const description = {
    name,
    entrypoint: '/app/service',
    arguments: words,
    ports: [{ port: 8080, protocol: 'http' }],
    files: [{ source: 'service', target: '/app/service', mode: '0755' }],
    ...more,
  };
  await writeFile(join(twin, 'twin.json'), JSON.stringify(description));
  const out = join(twin, 'out');
  await buildTwin({ folder: twin, version: '1.0.0', out, form: 'single-process', environment: process.env }, () => undefined);
  return { linux: await readFile(join(out, 'linux.raw')), unikernel: await readFile(join(out, 'unikernel.raw')) };
}

/** In the middle of its file system, as an upload that broke off leaves it. */
export const cutShort = ({ linux }: Pair): Pair => alone(linux.subarray(0, Math.floor((linux.length * 3) / 4)));
