/** Nodes of the stable release die under load, one after the other: each is to be replaced at once, and explained. */
import { setTimeout as sleep } from 'node:timers/promises';
import { die, type Deathbed, type Died } from './dying.ts';
import type { Fault, Filled } from './remedies.ts';
import { countRunning, listFaults, listFilled } from './remedies.ts';
import type { Death } from './scenario.ts';
import { NOBODY, type Answer } from './traffic.ts';

export interface DeathOutcome {
  readonly way: string;
  readonly title: string;
  readonly fault: Fault;
  /** Milliseconds here, from the request that found the bug. */
  readonly detectedMs: number;
  readonly launchedMs: number;
  readonly healthyMs: number;
  /** User requests to the release from then until the next death or a while after the end of this one; and those that failed. */
  readonly sent: number;
  readonly failed: number;
  /** Expectations that did not hold. */
  readonly broken: readonly string[];
}

/** As long as a user waits for an answer: until then a request to a node that hangs is not known to have failed. */
const USERS_PATIENCE_MS = 5_200;
/** At any of the demo's speeds longer than a node that hangs is kept for its evidence. */
const SETTLE_MS = 20_000;

/** `before`: those that died while a release was under way. */
export async function playDeaths(bed: Deathbed, version: string, before: readonly Died[]): Promise<readonly DeathOutcome[]> {
  const { deaths = [], service, fleet } = bed.scenario;
  if (deaths.length + before.length === 0) return [];
  if (deaths.length > 0) bed.tell(`\n${service}: nodes die under load`);
  const died = [...before];
  for (const death of deaths) died.push(await die(bed, version, death));
  const hung = died.filter(({ death }) => death.crashClass === 'hang').map(({ detected }) => detected);
  await sleep(Math.max(0, ...hung.map((detected) => detected + USERS_PATIENCE_MS - Date.now())));
  const facts = await settled(bed, died, { version, nodes: fleet.unikernel + fleet.linux });
  const outcomes = died.map((one, index) => {
    const until = Math.min(died[index + 1]?.at ?? Infinity, one.healthy + USERS_PATIENCE_MS);
    const isItsUser = (answer: Answer) => answer.at < until && [one.version, NOBODY].includes(answer.version);
    return toOutcome(one, facts.faults, bed.traffic.since(one.at).filter(isItsUser));
  });
  const broken = wrongAfterwards(facts);
  return outcomes.map((one, index) => (index === outcomes.length - 1 ? { ...one, broken: [...one.broken, ...broken] } : one));
}

interface Afterwards {
  readonly died: readonly Died[];
  readonly faults: readonly Fault[];
  readonly filled: readonly Filled[];
  readonly running: number;
  /** Of a whole fleet. */
  readonly nodes: number;
}

/** The last of the dead may still be there for its evidence when its successor serves already. */
async function settled(
  { account, scenario: { service } }: Deathbed,
  died: readonly Died[],
  { version, nodes }: { readonly version: string; readonly nodes: number },
): Promise<Afterwards> {
  const giveUpAt = Date.now() + SETTLE_MS;
  for (;;) {
    const faults = await listFaults(account, service);
    const running = await countRunning(account, service);
    const filled = (await listFilled(account, service)).filter((node) => node.version === version);
    const isSettled = running === nodes && faults.filter(({ notified }) => notified).length >= died.length;
    if (isSettled || Date.now() > giveUpAt) return { died, faults, filled, running, nodes };
    await sleep(100);
  }
}

function wrongAfterwards({ died, faults, filled, running, nodes }: Afterwards): readonly string[] {
  const replacements = filled.reduce((sum, { attempt }) => sum + attempt - 1, 0);
  const prints = new Set(faults.map(({ fingerprint }) => fingerprint));
  return [
    ...(running === nodes ? [] : [`${running} nodes run at the end, not ${nodes}`]),
    ...(faults.length === died.length ? [] : [`${faults.length} faults are recorded of ${died.length} deaths`]),
    ...(replacements === died.length ? [] : [`${replacements} nodes were launched for the ${died.length} that died`]),
    ...(prints.size === faults.length ? [] : [`${faults.length} ways of dying have only ${prints.size} fingerprints`]),
  ];
}

function toOutcome(died: Died, faults: readonly Fault[], answers: readonly Answer[]): DeathOutcome {
  const { death, faultId, at, detected, launched, healthy } = died;
  const fault = faults.find(({ id }) => id === faultId);
  if (!fault) throw new Error(`there is no record of fault ${faultId}`);
  const failed = answers.filter(({ ok }) => !ok);
  const times = { detectedMs: detected - at, launchedMs: launched - at, healthyMs: healthy - at };
  const strange = fault.instanceId === died.instanceId ? [] : [`the fault is of ${fault.instanceId}, not of ${died.instanceId}`];
  const wrong = [...strange, ...wrongWith(death, fault), ...lostTooLong(failed, healthy)];
  const broken = wrong.map((what) => `${death.way}: ${what}`);
  return { way: death.way, title: death.title, fault, ...times, sent: answers.length, failed: failed.length, broken };
}

/** Pieces of evidence there can be while a node is there; each is kept, or listed with the reason why not. */
const EARLY_PIECES = 10;

/** Most nodes of a small fleet die within minutes: each is replaced, and when enough are recorded somebody is called as well. */
const LEADS_TO = ['replace', 'page'];

function wrongWith({ crashClass }: Death, fault: Fault): readonly string[] {
  const pieces = fault.captured + fault.missed;
  return [
    ...(fault.crashClass === crashClass ? [] : [`it was called ${fault.crashClass} (${fault.summary}), not ${crashClass}`]),
    ...(/^[0-9a-f]{16}$/.test(fault.fingerprint) ? [] : [`its fingerprint is "${fault.fingerprint}"`]),
    ...(pieces >= EARLY_PIECES ? [] : [`only ${pieces} pieces of evidence are accounted for`]),
    ...(fault.captured > 0 ? [] : ['no evidence was captured']),
    ...(fault.notified ? [] : ['nobody was told of it']),
    ...(LEADS_TO.includes(fault.escalation) ? [] : [`it led to ${fault.escalation}: ${fault.why}`]),
  ];
}

/** Some requests are lost with the node; none when its successor serves. */
function lostTooLong(failed: readonly Answer[], healthy: number): readonly string[] {
  const late = failed.filter(({ at }) => at > healthy).length;
  return late === 0 ? [] : [`${late} requests failed though it was replaced`];
}
