/** Runs remediations step by step, in the order of their workflow; each step again when it was killed. */
import type { Condemned } from '../../core/fleet/fleet.ts';
import { launchReplacement } from '../../core/remediation/launch-replacement.ts';
import type { RemediationRun } from '../../core/remediation/ports.ts';
import { recordFault } from '../../core/remediation/record-fault.ts';
import { releaseNode } from '../../core/remediation/release-node.ts';
import { tendReplacement } from '../../core/remediation/tend-replacement.ts';
import type { Driver } from './memory-world.ts';

const MOST_LOOKS = 50;

/** Every execution that was started and has not ended. */
export async function runRemediations(driver: Driver): Promise<void> {
  const { remediations } = driver.world;
  for (const run of [...remediations.started]) {
    const name = nameOf(run.condemned);
    if (remediations.runs.get(name) !== 'running') continue;
    await runRemediation(driver, run);
    remediations.end(name, 'succeeded');
  }
}

const nameOf = ({ instanceId, attempt, run }: Condemned) => `remediate-${instanceId}-${attempt}-${run}`;

async function runRemediation(driver: Driver, { slot, condemned }: RemediationRun): Promise<void> {
  const { world } = driver;
  const step = () => ({ service: slot.service, slot: slot.id, faultId: condemned.faultId, at: world.time.now });
  const asked = slot.state === 'recorded' ? await world.nodes.launch(world.service, slot) : undefined;
  const launched = asked?.kind === 'launched' ? { instanceId: asked.instanceId } : {};
  await untilDone(driver, () => driver.step((ports) => launchReplacement(ports, { ...step(), ...launched })));
  await untilDone(driver, () => driver.step((ports) => tendReplacement(ports, step())));
  await driver.step((ports) => recordFault(ports, { ...step(), isFinal: false }));
  await untilDone(driver, () => driver.step((ports) => releaseNode(ports, { ...step(), isFinal: false })));
  await untilDone(driver, () => driver.step((ports) => releaseNode(ports, { ...step(), isFinal: true })));
  await driver.step((ports) => recordFault(ports, { ...step(), isFinal: true }));
}

interface Answer {
  readonly kind: string;
  readonly seconds?: number;
}

async function untilDone(driver: Driver, look: () => Promise<Answer>): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const answer = await look();
    if (answer.kind !== 'wait') return;
    driver.pass((answer.seconds ?? 1) * 1000);
  }
  throw new Error('a step waits for ever');
}
