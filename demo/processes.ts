/** The demo on processes: four releases, in about a minute, on any machine that runs Node. */
import { buildHello } from '../examples/hello/build.ts';
import { GOOD, type Scenario } from './scenario.ts';

export const processes: Scenario = {
  service: 'hello',
  services: 'examples/services',
  fleet: { unikernel: 4, linux: 2 },
  port: 8080,
  speed: 60,
  // Enough for the canary's verdict: some 30 a second reach it, and it asks for 30 in a minute of account time.
  requestsPerSecond: 200,
  patienceMs: 120_000,
  notProven: [
    'The nodes here are child processes, each with an address of its own. They prove the control flow: bake, launch, health,',
    'weights, verdicts, rollback. They do not prove the machine boundary: no disk image boots, no kernel runs, no unikernel',
    'is isolated from anything ("npm run demo -- --vm" shows that). Weights and metrics come from the local load balancer,',
    'timed as AWS documents its own. A process that resets is started anew. Screens, volumes and disk records of the failed nodes',
    'are missed here, and listed with the reason.',
  ].join('\n'),
  async build(release) {
    const images = await buildHello(release);
    return [
      { name: 'release.json', body: Buffer.from(images.manifest) },
      { name: 'linux.raw', body: images.linux },
      { name: 'unikernel.raw', body: images.unikernel },
    ];
  },
  chapters: [
    { release: { version: '1.0.0' }, title: 'the first release: nothing to compare with', stages: GOOD },
    { release: { version: '1.1.0' }, title: 'a good release', stages: GOOD },
    {
      release: { version: '1.2.0', failEvery: 20 },
      title: 'a bad one: 5 % of its answers are 500',
      stages: ['received', 'baking', 'canary', 'rolling-back', 'rolled-back'],
      why: /^\d+\.\d % of \d+ requests to canary failed > 1 % allowed/,
    },
    {
      release: { version: '1.3.0' },
      title: 'a good one, aborted by the operator while it is promoted',
      stages: ['received', 'baking', 'canary', 'debut', 'promoting', 'rolling-back', 'rolled-back'],
      abortIn: 'promoting',
      why: /^aborted by demo operator: changed my mind$/,
    },
  ],
  deaths: [
    { way: 'hang', title: 'it waits for a lock for ever', path: '/bugs/hang', crashClass: 'hang' },
    { way: 'crash', title: 'an exception nobody catches', path: '/bugs/crash', crashClass: 'nonzero-exit' },
    { way: 'reset', title: 'it boots again and again', path: '/bugs/reset', crashClass: 'reset-loop' },
    { way: 'poweroff', title: 'it ends, and says nothing', path: '/bugs/poweroff', crashClass: 'unknown' },
  ],
};
