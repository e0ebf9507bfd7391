/** Deaths on the `process` driver: child processes die, in several services of one live account at once. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join, resolve } from 'node:path';
import { wholeAssembly } from '../app/assembly.ts';
import { Deathbed } from '../app/deaths.ts';
import type { Ward, Way } from '../app/deaths.ts';
import type { Hospital } from '../app/matrix.ts';
import { LiveApp } from './live-app.ts';
import { LiveUsers } from './live-users.ts';
import { processImage } from './process-image.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const PORT = 8080;
const NODES = 2;
/** Account time between two users of a service. */
const USERS_EVERY_MS = 1500;

/** Boots take the time they take, and at the speed of these runs that is minutes: so deadlines are generous. */
const SERVICE = {
  imageFormat: 'bundle',
  localOnly: true,
  port: PORT,
  nodes: NODES,
  linuxNodes: 1,
  health: { path: '/healthz', intervalSeconds: 10, deadlineSeconds: 3600 },
  canary: { nodes: 1, percent: 22, minutes: 2 },
  debut: { nodes: 1, percent: 22, minutes: 2 },
  promotion: { maxSurge: 1, minHealthyPercent: 100, watchMinutes: 1 },
  limits: {
    maxErrorPercent: 1,
    slow: [{ overMs: 3000, maxPercent: 20 }],
    minRequests: 5,
    passMarginPercent: 40,
    graceMinutes: 10,
  },
  warmMinutes: 3,
  weightSettleSeconds: 10,
  drainSeconds: 10,
  expireHours: 4,
  maxImageGiB: 1,
};

/** What kills a process from outside leaves no word, nor does a child tell its driver what it was. */
const CLASSES: Ward['classes'] = {
  'power-off': 'assert',
  crash: 'unknown',
  hang: 'hang',
  sicken: 'hang',
  reset: 'reset-loop',
  terminate: 'sigterm',
};

/** As many services alike, in a folder of generated files: its name, below the root. */
function servicesAlike(names: readonly string[]): string {
  const folder = join('node_modules/.cache/tandem-deaths', String(names.length));
  mkdirSync(join(ROOT, folder), { recursive: true });
  for (const name of names) writeFileSync(join(ROOT, folder, `${name}.json`), JSON.stringify({ name, ...SERVICE }));
  return folder;
}

/** Whoever asks it gets no answer, or one that does not matter. */
function ask(host: string, path: string): void {
  const request = get({ host, port: PORT, path, agent: false, timeout: 5_000 }, (response) => response.resume());
  request.on('timeout', () => request.destroy());
  request.on('error', () => undefined);
}

async function wardOf(app: LiveApp, service: string): Promise<Ward> {
  const users = new LiveUsers(app.runtime.account.world.time, await app.balancer(service), USERS_EVERY_MS);
  return {
    account: app,
    service,
    nodes: NODES,
    classes: CLASSES,
    async strike(instanceId: string, way: Way) {
      if (way === 'terminate') await app.call('ec2:TerminateInstances', { InstanceIds: [instanceId] });
      else ask(await app.addressOf(instanceId), `/die/${way}`);
    },
    failedRequests: (since) => users.failedSince(since),
  };
}

export async function openProcessWards(count: number, speed: number): Promise<Hospital> {
  const names = Array.from({ length: count }, (_, n) => `bed-${n + 1}`);
  const app = await LiveApp.open({ assembly: wholeAssembly(servicesAlike(names)), speed, imageOf: processImage });
  const beds = names.map((name) => async () => Deathbed.open(await wardOf(app, name)));
  return { beds, close: () => app.stop() };
}
