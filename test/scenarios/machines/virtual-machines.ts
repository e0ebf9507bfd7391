/** Deaths on the `qemu` driver: disk images of the example service, booted; what one request finds, they die of. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTwin } from '../../../examples/hello/twin.ts';
import { buildTwin } from '../../../twin/build-twin.ts';
import { CLASSES } from '../app/deaths.ts';
import type { Way } from '../app/deaths.ts';
import type { LiveApp } from './live-app.ts';
import { askNode, LIVE_FILE } from './live-wards.ts';
import type { Kind } from './live-wards.ts';

const BUGS: Partial<Record<Way, string>> = { 'power-off': '/bugs/assert', crash: '/bugs/crash', hang: '/bugs/hang' };
const RESETS_EVERY_MINUTES = 1 / 3;

/** Of one pair all versions are made: what dies here is not the release's fault. */
async function buildPair() {
  const folder = await mkdtemp(join(tmpdir(), 'deaths-'));
  const out = join(folder, 'out');
  await writeTwin({ version: '1.0.0' }, folder);
  await buildTwin({ folder, version: '1.0.0', out, form: 'single-process', environment: process.env }, () => undefined);
  const pair = { linux: await readFile(join(out, 'linux.raw')), unikernel: await readFile(join(out, 'unikernel.raw')) };
  await rm(folder, { recursive: true });
  return pair;
}

/** By EC2, until it is ended: a service is nobody in its guest, and cannot reset it. */
async function resetUntilEnded(app: LiveApp, instanceId: string): Promise<void> {
  type Described = { Reservations: { Instances: { State: { Name: string } }[] }[] };
  const isRunning = async () => {
    const { Reservations } = await app.call<Described>('ec2:DescribeInstances', { InstanceIds: [instanceId] });
    return Reservations[0]?.Instances[0]?.State.Name === 'running';
  };
  while (await isRunning()) {
    await app.call('ec2:RebootInstances', { InstanceIds: [instanceId] });
    await app.advance(RESETS_EVERY_MINUTES);
  }
}

export function virtualMachines(): Kind {
  const pair = buildPair();
  return {
    name: 'machines',
    // Two boot at once anyway, and nothing dies while it is warm.
    file: { ...LIVE_FILE, promotion: { ...LIVE_FILE.promotion, maxSurge: 2 }, warmMinutes: 1 },
    classes: { ...CLASSES, crash: 'null-deref' },
    imageOf: async (_version, build) => (await pair)[build],
    async strike(app, instanceId, way) {
      const bug = BUGS[way];
      if (way === 'reset') void resetUntilEnded(app, instanceId);
      else if (bug === undefined) throw new Error(`machines are not made to ${way}`);
      else await askNode(app, instanceId, bug);
    },
  };
}
