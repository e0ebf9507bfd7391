/** All ports in memory, and a driver that runs a release's steps in the order of its workflow. */
import { NodeHashing } from '../../adapters/node-hashing.ts';
import { checkNodes } from '../../core/fleet/check-nodes.ts';
import { launchNodes } from '../../core/fleet/launch-nodes.ts';
import type { Impairment } from '../../core/fleet/ports.ts';
import type { LaunchPhase } from '../../core/fleet/phase.ts';
import type { RetirePhase } from '../../core/fleet/plan-reap.ts';
import { retireNodes } from '../../core/fleet/retire-nodes.ts';
import type { WatchName } from '../../core/judgement/judge-release.ts';
import { judgeRelease } from '../../core/judgement/judge-release.ts';
import { changeRelease } from '../../core/release/change-record.ts';
import { admitImage } from '../../core/release/admit-image.ts';
import type { RecordedStage } from '../../core/release/record-stage.ts';
import { recordStage } from '../../core/release/record-stage.ts';
import type { ReleaseRecord } from '../../core/release/release.ts';
import { sweep } from '../../core/sweep/sweep.ts';
import type { ShiftPhase } from '../../core/traffic/plan-weights.ts';
import { shiftTraffic } from '../../core/traffic/shift-traffic.ts';
import type { Service } from '../../core/service/service.ts';
import { MINUTE, T0 } from './fixtures.ts';
import { MemoryCatalog } from './memory-catalog.ts';
import { MemoryExecutions } from './memory-executions.ts';
import { MemoryGroups } from './memory-groups.ts';
import { MemoryHistories } from './memory-histories.ts';
import { MemoryImages, MemorySnapshots, MemorySource } from './memory-images.ts';
import { MemoryJudgements } from './memory-judgements.ts';
import { MemoryMetrics } from './memory-metrics.ts';
import { MemoryNodes } from './memory-nodes.ts';
import { MemoryNotices } from './memory-notices.ts';
import { MemoryQuotas } from './memory-quotas.ts';
import { MemoryRecords, MemoryRefusals } from './memory-records.ts';
import { MemoryEvidence } from './memory-evidence.ts';
import { MemoryFaultNotices, MemoryFaults, MemoryKills, MemoryLedgers, MemoryRemediations } from './memory-remediation.ts';
import { MemorySlots } from './memory-slots.ts';
import { MemoryTraffic } from './memory-traffic.ts';
import type { Saboteur } from './crash.ts';
import { Killed } from './crash.ts';

export function openWorld(service: Service) {
  const time = { now: T0 };
  const nodes = new MemoryNodes(() => time.now);
  return {
    service,
    time,
    records: new MemoryRecords(),
    refusals: new MemoryRefusals(),
    slots: new MemorySlots(),
    nodes,
    groups: new MemoryGroups(nodes),
    traffic: new MemoryTraffic(),
    metrics: new MemoryMetrics(),
    executions: new MemoryExecutions(),
    notices: new MemoryNotices(),
    faults: new MemoryFaults(),
    histories: new MemoryHistories(),
    judgements: new MemoryJudgements(),
    kills: new MemoryKills(),
    ledgers: new MemoryLedgers(),
    remediations: new MemoryRemediations(),
    faultNotices: new MemoryFaultNotices(),
    checks: { impairments: (): Promise<readonly Impairment[]> => Promise.resolve([]) },
    glance: { console: async (): Promise<Uint8Array | undefined> => undefined },
    evidence: new MemoryEvidence(),
    consoles: { console: async (): Promise<Uint8Array | undefined> => undefined },
    quotas: new MemoryQuotas(),
    catalog: new MemoryCatalog(service),
    images: new MemoryImages(),
    snapshots: new MemorySnapshots(),
    source: new MemorySource(),
    hashing: new NodeHashing(),
    clock: { now: () => time.now },
  };
}

export type World = ReturnType<typeof openWorld>;

const baked = ({ version, images }: ReleaseRecord): ReleaseRecord['images'] => ({
  ...(images.linux && { linux: { ...images.linux, imageId: `ami-linux-${version}` } }),
  ...(images.unikernel && { unikernel: { ...images.unikernel, imageId: `ami-unikernel-${version}` } }),
});

export interface Run {
  readonly service: string;
  readonly version: string;
  readonly fence: number;
}

/** Runs steps as a workflow does: each again, with the same instant, when it was killed. */
export class Driver {
  readonly world: World;
  private readonly saboteur: Saboteur | undefined;
  /** Looked at after every port call of every step. */
  onStep: () => Promise<void> = () => Promise.resolve();

  constructor(world: World, saboteur?: Saboteur) {
    this.world = world;
    this.saboteur = saboteur;
  }

  /** Ports as the steps get them. */
  get ports(): World {
    const { world, saboteur } = this;
    if (!saboteur) return world;
    const { service, time, clock, hashing, ...ports } = world;
    return { ...saboteur.wrap(ports), service, time, clock, hashing };
  }

  async step<Answer>(run: (ports: World) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        if (this.saboteur) this.saboteur.isDead = false;
        const answer = await run(this.ports);
        if (this.saboteur?.isDead) throw new Killed('before it could answer');
        await this.onStep();
        return answer;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        await this.onStep();
      }
    }
  }

  private input(run: Run) {
    return { ...run, at: this.world.time.now };
  }

  pass(ms: number): void {
    this.world.time.now += ms;
  }

  async upload(version: string, file: string, given: { size?: number; versionId?: string; at?: number } = {}) {
    const versionId = given.versionId ?? `${file}-${version}`;
    const object = {
      key: `web/${version}/${file}`,
      size: given.size ?? 100,
      etag: 'e',
      'version-id': versionId,
      sequencer: versionId,
    };
    const input = { id: 'event', time: given.at ?? this.world.time.now, detail: { bucket: { name: 'images' }, object } };
    return this.step((ports) => admitImage({ ...ports, images: ports.source }, input));
  }

  /** Both images arrive; the answer is of the last. */
  async uploadBoth(version: string) {
    await this.upload(version, 'linux.raw');
    return this.upload(version, 'unikernel.raw');
  }

  async bake(run: Run): Promise<void> {
    await changeRelease(this.world.records, run, (now) => ({ ...now, images: baked(now) }));
    const { version } = run;
    for (const build of ['linux', 'unikernel'] as const) {
      const imageId = `ami-${build}-${version}`;
      const image = {
        imageId,
        snapshotId: `snap-${build}-${version}`,
        version,
        build,
        state: 'available',
        madeAt: this.world.time.now,
      } as const;
      this.world.images.images.set(imageId, image);
    }
  }

  record(run: Run, stage: RecordedStage, why = 'test') {
    const input = { ...this.input(run), stage, why };
    return this.step((ports) => recordStage(ports, input));
  }

  async launch(run: Run, phase: LaunchPhase) {
    this.pass(1000);
    const input = { ...this.input(run), phase };
    return this.step((ports) => launchNodes(ports, input));
  }

  async health(run: Run, phase: LaunchPhase) {
    for (let looks = 0; looks < 20; looks++) {
      const input = { ...this.input(run), phase, deadline: this.world.time.now + 5 * MINUTE };
      const answer = await this.step((ports) => checkNodes(ports, input));
      if (answer.kind !== 'wait') return answer;
      this.pass(answer.seconds * 1000);
    }
    throw new Error(`nodes of ${phase} never became healthy`);
  }

  async shift(run: Run, phase: ShiftPhase) {
    const input = { ...this.input(run), phase };
    const answer = await this.step((ports) => shiftTraffic(ports, input));
    this.pass(answer.seconds * 1000);
    return answer;
  }

  async retire(run: Run, phase: RetirePhase) {
    for (let looks = 0; looks < 50; looks++) {
      const input = { ...this.input(run), phase };
      const answer = await this.step((ports) => retireNodes(ports, input));
      if (answer.kind === 'done') return answer;
      this.pass(answer.seconds * 1000);
    }
    throw new Error(`${phase} was never done`);
  }

  async watch(run: Run, watch: WatchName) {
    const since = this.world.time.now;
    for (let looks = 0; looks < 5000; looks++) {
      const input = { ...this.input(run), watch, since };
      const answer = await this.step((ports) => judgeRelease(ports, input));
      if (answer.kind !== 'wait') return answer;
      this.pass(answer.seconds * 1000);
    }
    throw new Error(`no verdict on ${watch}`);
  }

  sweep() {
    const input = { time: this.world.time.now };
    return this.step((ports) => sweep(ports, input));
  }
}

/** The stages of a release in the workflow's order, up to and including the one named. Undefined: to the end. */
export const STOPS = ['baking', 'canary', 'debut', 'promoting', 'finish', 'warm', 'stable'] as const;
export type Stop = (typeof STOPS)[number];

export async function runRelease(driver: Driver, run: Run, until: Stop = 'stable'): Promise<void> {
  const goesOn = (stop: Stop) => STOPS.indexOf(stop) <= STOPS.indexOf(until);
  await driver.record(run, 'baking');
  await driver.bake(run);
  if (goesOn('canary')) await runCanary(driver, run);
  if (goesOn('debut')) await runDebut(driver, run);
  if (goesOn('promoting')) await runPromotion(driver, run);
  if (goesOn('finish')) await runFinish(driver, run);
  if (goesOn('warm')) await driver.record(run, 'warm');
  if (!goesOn('stable')) return;
  await driver.watch(run, 'warm');
  await driver.retire(run, 'old-fleet');
  await driver.record(run, 'stable');
}

/** From the upload as far as the watch of its canary. */
export async function beginCanary(driver: Driver, run: Run): Promise<void> {
  await driver.uploadBoth(run.version);
  await runRelease(driver, run, 'baking');
  await fillCanary(driver, run);
}

async function fillCanary(driver: Driver, run: Run): Promise<void> {
  await driver.record(run, 'canary');
  await driver.launch(run, 'canary');
  await driver.health(run, 'canary');
  await driver.shift(run, 'canary');
}

export async function runCanary(driver: Driver, run: Run): Promise<void> {
  await fillCanary(driver, run);
  await driver.retire(run, 'refresh');
  await driver.watch(run, 'canary');
}

export async function runDebut(driver: Driver, run: Run): Promise<void> {
  await driver.record(run, 'debut');
  await driver.launch(run, 'debut');
  await driver.health(run, 'debut');
  await driver.shift(run, 'debut');
  await driver.watch(run, 'debut');
}

export async function runPromotion(driver: Driver, run: Run): Promise<void> {
  await driver.record(run, 'promoting');
  await driver.watch(run, 'gate');
  while ((await driver.launch(run, 'promote')).kind !== 'complete') {
    await driver.health(run, 'promote');
    await driver.shift(run, 'promote');
    await driver.watch(run, 'promotion');
  }
}

export async function runFinish(driver: Driver, run: Run): Promise<void> {
  await driver.launch(run, 'finish');
  await driver.health(run, 'finish');
  await driver.shift(run, 'finish');
  await driver.retire(run, 'comparison');
}

/** The rollback workflow. Answers whether it had anything to do. */
export async function runRollback(driver: Driver, run: Run): Promise<'over' | 'done'> {
  const taken = await driver.record(run, 'rolling-back');
  if (taken.kind === 'over') return 'over';
  const held = { ...run, fence: taken.fence };
  await driver.shift(held, 'rollback');
  await driver.retire(held, 'rollback');
  if ((await driver.launch(held, 'restore')).kind === 'launched') {
    await driver.health(held, 'restore');
    await driver.shift(held, 'restore');
  }
  driver.world.images.images.forEach((image, id) => {
    if (image.version === run.version) driver.world.images.images.delete(id);
  });
  await driver.record(held, 'rolled-back');
  return 'done';
}
