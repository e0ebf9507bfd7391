/** One node of the stable release dies, and its remediation is watched until the next one serves in its place. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.ts';
import { addressOf, listFilled, listRemedies } from './remedies.ts';
import type { Death, Scenario } from './scenario.ts';
import type { Traffic } from './traffic.ts';

export interface Deathbed {
  readonly scenario: Scenario;
  readonly account: Account;
  readonly traffic: Traffic;
  readonly tell: (line: string) => void;
}

export interface Died {
  readonly death: Death;
  readonly instanceId: string;
  readonly version: string;
  readonly faultId: string;
  /** The wall clock's. */
  readonly at: number;
  readonly detected: number;
  readonly launched: number;
  readonly healthy: number;
}

const LOOK_MS = 25;

/** The one that has served longest: what took a dead one's place is spared. */
export async function die({ account, scenario, tell }: Deathbed, version: string, death: Death): Promise<Died> {
  const { service, patienceMs, port } = scenario;
  const fleet = await listFilled(account, service);
  const victim = fleet.find((node) => node.version === version && node.build === 'unikernel');
  if (victim === undefined) throw new Error(`${version} has no unikernel that serves`);
  const { instanceId } = victim;
  const known = new Set((await listRemedies(account, service)).map(({ faultId }) => faultId));
  const at = Date.now();
  send(`http://${await addressOf(account, instanceId)}:${port}${death.path}`);
  const { faultId, ...seen } = await watch({ account, service, known, giveUpAt: at + patienceMs, what: death.way });
  tell(
    `  ${death.way.padEnd(9)} ${death.title}: known after ${say(seen.detected - at)}, replaced after ${say(seen.healthy - at)}`,
  );
  return { death, instanceId, version, faultId, at, ...seen };
}

interface Watch {
  readonly account: Account;
  readonly service: string;
  /** Faults of before. */
  readonly known: ReadonlySet<string>;
  readonly giveUpAt: number;
  readonly what: string;
}

async function watch({
  account,
  service,
  known,
  giveUpAt,
  what,
}: Watch): Promise<Omit<Died, 'death' | 'instanceId' | 'version' | 'at'>> {
  const seen = { detected: 0, launched: 0, healthy: 0 };
  for (;;) {
    const remedy = (await listRemedies(account, service)).find(({ faultId }) => !known.has(faultId));
    const now = Date.now();
    if (remedy) seen.detected ||= now;
    if (remedy?.launchedAt !== undefined) seen.launched ||= now;
    if (remedy?.healthyAt !== undefined) seen.healthy ||= now;
    if (remedy && seen.healthy > 0) return { faultId: remedy.faultId, ...seen };
    if (now > giveUpAt) throw new Error(`nothing has replaced the node that died of ${what}`);
    await sleep(LOOK_MS);
  }
}

const say = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** Whoever sends it gets no answer: it is not counted among the users' requests. */
function send(url: string): void {
  const call = get(url, { agent: false, timeout: 5_000 }, (response) => response.resume());
  call.on('timeout', () => call.destroy());
  call.on('error', () => undefined);
}
