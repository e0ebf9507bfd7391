/** Deaths on the `qemu` driver: disk images of the example service, booted; what one request finds, they die of. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTwin } from '../../../examples/hello/twin.ts';
import { buildTwin } from '../../../twin/build-twin.ts';
import { CLASSES } from '../app/deaths.ts';
import type { Way } from '../app/deaths.ts';
import { askNode, LIVE_FILE } from './live-wards.ts';
import type { Kind } from './live-wards.ts';

const BUGS: Partial<Record<Way, string>> = {
  'power-off': '/bugs/assert',
  crash: '/bugs/crash',
  hang: '/bugs/hang',
  reset: '/bugs/reset',
};

/** Of one pair all versions are made: what dies here is not the release's fault. */
async function buildPair() {
  const folder = await mkdtemp(join(tmpdir(), 'deaths-'));
  const out = join(folder, 'out');
  await writeTwin({ version: '1.0.0' }, folder, { mayReset: true });
  await buildTwin({ folder, version: '1.0.0', out, form: 'single-process', environment: process.env }, () => undefined);
  const pair = { linux: await readFile(join(out, 'linux.raw')), unikernel: await readFile(join(out, 'unikernel.raw')) };
  await rm(folder, { recursive: true });
  return pair;
}

export function virtualMachines(): Kind {
  const pair = buildPair();
  return {
    name: 'machines',
    // Two boot at once anyway, and nothing dies while it is warm.
    file: { ...LIVE_FILE, dataVolumeGiB: 1, promotion: { ...LIVE_FILE.promotion, maxSurge: 2 }, warmMinutes: 1 },
    classes: { ...CLASSES, crash: 'null-deref' },
    imageOf: async (_version, build) => (await pair)[build],
    async strike(app, instanceId, way) {
      const bug = BUGS[way];
      if (bug === undefined) throw new Error(`machines are not made to ${way}`);
      else await askNode(app, instanceId, bug);
    },
  };
}
