/** Services alike in one live account, each with a bed for one death at a time. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join, resolve } from 'node:path';
import { wholeAssembly } from '../app/assembly.ts';
import { Deathbed } from '../app/deaths.ts';
import type { Ward, Way } from '../app/deaths.ts';
import type { Hospital } from '../app/matrix.ts';
import { LiveApp } from './live-app.ts';
import type { ImageOf } from './live-app.ts';
import { LiveUsers } from './live-users.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
export const PORT = 8080;
/** Account time between two users of a service. */
const USERS_EVERY_MS = 1500;

/** Boots and timeouts take the time they take, and at the speed of these runs that is minutes: so are deadlines and watches. */
export const LIVE_FILE = {
  port: PORT,
  nodes: 2,
  linuxNodes: 1,
  health: { path: '/healthz', intervalSeconds: 10, deadlineSeconds: 3600 },
  canary: { nodes: 1, percent: 22, minutes: 4 },
  debut: { nodes: 1, percent: 22, minutes: 4 },
  promotion: { maxSurge: 1, minHealthyPercent: 100, watchMinutes: 1 },
  limits: {
    maxErrorPercent: 1,
    slow: [{ overMs: 3000, maxPercent: 20 }],
    minRequests: 5,
    passMarginPercent: 40,
    graceMinutes: 10,
  },
  warmMinutes: 10,
  weightSettleSeconds: 10,
  drainSeconds: 10,
  expireHours: 4,
};

/** What its services are: machines of which driver, and how each way of dying is done to them. */
export interface Kind {
  readonly name: string;
  /** Of the service file, `name` apart. */
  readonly file: { readonly nodes: number } & Readonly<Record<string, unknown>>;
  readonly classes: Ward['classes'];
  readonly imageOf: ImageOf;
  strike(app: LiveApp, instanceId: string, way: Way): Promise<void>;
}

export interface WardsOptions {
  readonly beds: number;
  readonly speed: number;
  readonly network: number;
}

export async function openLiveWards(kind: Kind, { beds, ...options }: WardsOptions): Promise<Hospital> {
  const names = Array.from({ length: beds }, (_, n) => `bed-${n + 1}`);
  const assembly = wholeAssembly(servicesAlike(kind, names));
  const app = await LiveApp.open({ assembly, ...options, imageOf: kind.imageOf });
  return {
    beds: names.map((name) => async () => Deathbed.open(await wardOf(kind, app, name))),
    close: () => app.stop(),
  };
}

/** As many services alike, in a folder of generated files: its name, below the root. */
function servicesAlike({ name: kind, file }: Kind, names: readonly string[]): string {
  const folder = join('node_modules/.cache/tandem-deaths', `${kind}-${names.length}`);
  mkdirSync(join(ROOT, folder), { recursive: true });
  for (const name of names) writeFileSync(join(ROOT, folder, `${name}.json`), JSON.stringify({ name, ...file }));
  return folder;
}

async function wardOf(kind: Kind, app: LiveApp, service: string): Promise<Ward> {
  const users = new LiveUsers(app.runtime.account.world.time, await app.balancer(service), USERS_EVERY_MS);
  return {
    account: app,
    service,
    nodes: kind.file.nodes,
    classes: kind.classes,
    strike: (instanceId, way) => kind.strike(app, instanceId, way),
    failedRequests: (since) => users.failedSince(since),
  };
}

/** Whoever asks it gets no answer, or one that does not matter. */
export async function askNode(app: LiveApp, instanceId: string, path: string): Promise<void> {
  const asked = { host: await app.addressOf(instanceId), port: PORT, path, agent: false, timeout: 5_000 };
  const request = get(asked, (response) => response.resume());
  request.on('timeout', () => request.destroy());
  request.on('error', () => undefined);
}
