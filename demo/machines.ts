/** The demo on virtual machines: `tandem build` makes both disk images of hello, and QEMU boots them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { writeTwin } from '../examples/hello/twin.ts';
import { missingFrom } from './needs.ts';
import { GOOD, type Builder, type DemoRelease, type Part, type Scenario } from './scenario.ts';

const root = path.resolve(import.meta.dirname, '..');

/** As a user would: `npm run tandem -- build FOLDER --version … --out …`. It says itself what the machine lacks. */
async function tandemBuild(twin: string, release: DemoRelease, { tell, folder, interrupted }: Builder): Promise<string> {
  const out = path.join(folder, `images-${release.version}`);
  const args = ['cli/main.ts', 'build', twin, '--version', release.version, '--out', out];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], signal: interrupted });
  const last: string[] = [];
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on('line', (line) => {
      tell(`            ${line}`);
      last.push(line);
    });
  await once(child, 'close');
  if (child.exitCode !== 0)
    throw new Error(`the images of ${release.version} could not be built:\n${last.slice(-10).join('\n')}`);
  return out;
}

async function build(release: DemoRelease, builder: Builder): Promise<readonly Part[]> {
  const twin = path.join(builder.folder, `twin-${release.version}`);
  await writeTwin(release, twin, { mayReset: true });
  const out = await tandemBuild(twin, release, builder);
  return ['release.json', 'linux.raw', 'unikernel.raw'].map((name) => ({ name, body: { file: path.join(out, name) } }));
}

export const machines: Scenario = {
  service: 'hello',
  services: 'examples/vm-services',
  fleet: { unikernel: 2, linux: 1 },
  port: 8080,
  // Waits and schedules pass ten times as fast; the machines, their boots and the users' requests take the time they take.
  speed: 10,
  requestsPerSecond: 20,
  patienceMs: 240_000,
  notProven: [
    'The nodes here are virtual machines: disk images built by "tandem build", baked block by block, booted under QEMU. What',
    'they do not prove is AWS itself: EC2’s hardware and its drivers (ENA, NVMe), networks, and permissions. Weights and',
    'metrics come from the local load balancer, timed as AWS documents its own.',
  ].join('\n'),
  // A boot of ten seconds is a node that is unhealthy for nearly two minutes of account time: as long as its alarm waits.
  alarmsOfSpeed: /Unhealthy/,
  missing: missingFrom,
  build,
  chapters: [
    { release: { version: '1.0.0' }, title: 'the first release: nothing to compare with', stages: GOOD },
    {
      release: { version: '1.1.0', failEvery: 5 },
      title: 'a bad one: 20 % of its answers are 500',
      stages: ['received', 'baking', 'canary', 'rolling-back', 'rolled-back'],
      why: /^\d+\.\d % of \d+ requests to canary failed > 1 % allowed/,
      deathIn: {
        stage: 'canary',
        death: { way: 'segv', title: 'a null pointer, in a canary', path: '/bugs/crash', crashClass: 'null-deref' },
      },
    },
  ],
  deaths: [
    { way: 'hang', title: 'it waits for a lock for ever', path: '/bugs/hang', crashClass: 'hang' },
    { way: 'assert', title: 'an assertion fails', path: '/bugs/assert', crashClass: 'assert' },
    { way: 'reset', title: 'it boots again and again', path: '/bugs/reset', crashClass: 'reset-loop' },
    { way: 'poweroff', title: 'it ends, and says nothing', path: '/bugs/poweroff', crashClass: 'clean-exit' },
  ],
};
