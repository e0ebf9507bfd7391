/** Nodes of the stable release die under load, one after the other: each is to be replaced at once, and explained. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.ts';
import type { Fault } from './remedies.ts';
import { countRunning, listFaults, listRemedies } from './remedies.ts';
import type { Death, Scenario } from './scenario.ts';
import type { Answer, Traffic } from './traffic.ts';

export interface DeathOutcome {
  readonly way: string;
  readonly title: string;
  readonly fault: Fault;
  /** Milliseconds here, from the request that found the bug. */
  readonly detectedMs: number;
  readonly launchedMs: number;
  readonly healthyMs: number;
  /** User requests from then until the next death, and how many of them failed. */
  readonly sent: number;
  readonly failed: number;
  /** Expectations that did not hold. */
  readonly broken: readonly string[];
}

export interface Deathbed {
  readonly scenario: Scenario;
  readonly account: Account;
  readonly traffic: Traffic;
  readonly tell: (line: string) => void;
}

const LOOK_MS = 25;
/** As long as a user waits for an answer: until then a request to a node that hangs is not known to have failed. */
const USERS_PATIENCE_MS = 5_200;

export async function playDeaths(bed: Deathbed): Promise<readonly DeathOutcome[]> {
  const { deaths = [], service, fleet } = bed.scenario;
  if (deaths.length === 0) return [];
  bed.tell(`\n${service}: nodes die under load, each of a bug that one request finds`);
  const begun: (Times & { readonly death: Death })[] = [];
  for (const death of deaths) begun.push({ death, ...(await die(bed, death)) });
  const hung = begun.filter(({ death }) => death.crashClass === 'hang').map(({ detected }) => detected);
  await sleep(Math.max(0, ...hung.map((detected) => detected + USERS_PATIENCE_MS - Date.now())));
  const faults = await listFaults(bed.account, service);
  const running = await countRunning(bed.account, service);
  const outcomes = begun.map((one, index) => {
    const answers = bed.traffic.since(one.at).filter(({ at }) => at < (begun[index + 1]?.at ?? Infinity));
    return toOutcome(one, faults, answers);
  });
  const whole = fleet.unikernel + fleet.linux;
  const broken = [
    ...(running === whole ? [] : [`${running} nodes run at the end, not ${whole}`]),
    ...(faults.length === deaths.length ? [] : [`${faults.length} faults are recorded of ${deaths.length} deaths`]),
  ];
  return outcomes.map((one, index) => (index === outcomes.length - 1 ? { ...one, broken: [...one.broken, ...broken] } : one));
}

interface Times {
  readonly faultId: string;
  /** The wall clock's. */
  readonly at: number;
  readonly detected: number;
  readonly launched: number;
  readonly healthy: number;
}

async function die({ account, scenario, tell }: Deathbed, { way, title, path }: Death): Promise<Times> {
  const { service, patienceMs } = scenario;
  const known = new Set((await listRemedies(account, service)).map(({ faultId }) => faultId));
  const at = Date.now();
  send(`${account.url}${path}`);
  const seen = { detected: 0, launched: 0, healthy: 0 };
  for (;;) {
    const remedy = (await listRemedies(account, service)).find(({ faultId }) => !known.has(faultId));
    const now = Date.now();
    if (remedy) seen.detected ||= now;
    if (remedy?.launchedAt !== undefined) seen.launched ||= now;
    if (remedy?.healthyAt !== undefined) seen.healthy ||= now;
    if (remedy && seen.healthy > 0) {
      tell(`  ${way.padEnd(9)} ${title}: known after ${sayMs(seen.detected - at)}, replaced after ${sayMs(now - at)}`);
      return { faultId: remedy.faultId, at, ...seen };
    }
    if (now - at > patienceMs) throw new Error(`after ${patienceMs / 1000} s no node has replaced the one that died of ${way}`);
    await sleep(LOOK_MS);
  }
}

const sayMs = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** Whoever sends it gets no answer, or the load balancer's: it is not counted among the users' requests. */
function send(url: string): void {
  const call = get(url, { agent: false, timeout: 5_000 }, (response) => response.resume());
  call.on('timeout', () => call.destroy());
  call.on('error', () => undefined);
}

function toOutcome(
  { death, faultId, at, detected, launched, healthy }: Times & { readonly death: Death },
  faults: readonly Fault[],
  answers: readonly Answer[],
): DeathOutcome {
  const fault = faults.find(({ id }) => id === faultId);
  if (!fault) throw new Error(`there is no record of fault ${faultId}`);
  const failed = answers.filter(({ ok }) => !ok);
  const times = { detectedMs: detected - at, launchedMs: launched - at, healthyMs: healthy - at };
  const broken = [...wrongWith(death, fault), ...lostTooLong(failed, healthy)].map((what) => `${death.way}: ${what}`);
  return { way: death.way, title: death.title, fault, ...times, sent: answers.length, failed: failed.length, broken };
}

/** Pieces of evidence there can be while a node is there; each is kept, or listed with the reason why not. */
const EARLY_PIECES = 10;

/** Three nodes of six die within minutes: each is replaced, and when the third is recorded somebody is called as well. */
const LEADS_TO = ['replace', 'page'];

function wrongWith({ crashClass }: Death, fault: Fault): readonly string[] {
  const pieces = fault.captured + fault.missed;
  return [
    ...(fault.crashClass === crashClass ? [] : [`it was called ${fault.crashClass} (${fault.summary}), not ${crashClass}`]),
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
