/** What a release costs: runs the demo and reads its JSON. The yardstick is the first release, which compares with nothing. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import type { Bench, Row } from './bench.ts';

const root = path.resolve(import.meta.dirname, '..');

const tally = z.object({ sent: z.number(), failed: z.number() });
const report = z.object({
  ok: z.boolean(),
  releases: z.array(
    z.object({
      version: z.string(),
      stage: z.string(),
      users: z.record(z.string(), tally),
      effort: z.object({ executions: z.number(), transitions: z.number(), lambdaCalls: z.number() }),
    }),
  ),
});

type Release = z.infer<typeof report>['releases'][number];

async function runDemo(): Promise<readonly Release[]> {
  const child = spawn(process.execPath, ['demo/main.ts', '--json'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const found = report.parse(await json(child.stdout));
  if (!found.ok) throw new Error('the demo did not go as expected: run "npm run demo" to see why');
  return found.releases;
}

function describe(release: Release): string {
  const sum = (pick: (one: z.infer<typeof tally>) => number) =>
    Object.values(release.users).reduce((total, one) => total + pick(one), 0);
  const { executions, transitions, lambdaCalls } = release.effort;
  const requests = `${sum((one) => one.failed)} of ${sum((one) => one.sent)} user requests failed`;
  return `${transitions} transitions, ${lambdaCalls} Lambda calls, ${executions} executions; ${requests}; ${release.stage}`;
}

export const release: Bench = {
  name: 'release',
  summary: 'transitions, Lambda calls and lost requests of each release of the demo',
  yardstick: 'transitions of the first release',
  async run() {
    const releases = await runDemo();
    const first = releases[0]?.effort.transitions ?? NaN;
    return releases.map((one): Row => ({
      what: `hello ${one.version}`,
      value: describe(one),
      ratio: one.effort.transitions / first,
    }));
  },
};
