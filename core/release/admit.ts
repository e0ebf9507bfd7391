/** Carries an admission out. Shared by uploads and the sweep; every part may be repeated. */
import { serviceUnknown, unreachable } from '../errors.ts';
import { admitRelease } from './admit-release.ts';
import type { Admission, AdmissionFacts } from './admit-release.ts';
import { changeRelease, changeService } from './change-record.ts';
import type { Notices } from './ports.ts';
import type { ReleaseRecord } from './release.ts';
import { isFinal, newService, releaseName, withTransition } from './release.ts';
import { startNext, startRelease } from './start-release.ts';
import type { StartPorts } from './start-release.ts';
import { tell } from './tell.ts';

export interface AdmitPorts extends StartPorts {
  readonly notices: Notices;
}

export interface AdmitAnswer {
  readonly kind: 'started' | 'waiting' | 'queued' | 'refused' | 'ignored';
  readonly why: string;
}

interface Key {
  readonly service: string;
  readonly version: string;
}

export async function admit(ports: AdmitPorts, key: Key, at: number): Promise<AdmitAnswer> {
  const facts = await loadFacts(ports, key);
  const admission = admitRelease(facts);
  switch (admission.kind) {
    case 'ignore':
      return { kind: 'ignored', why: admission.why };
    case 'wait':
      return { kind: 'waiting', why: admission.why };
    case 'refuse':
      await endRelease(ports, key, { stage: 'refused', at, why: admission.why });
      return { kind: 'refused', why: admission.why };
    case 'start':
      return start(ports, facts, admission.why, at);
    case 'queue':
      return enqueue(ports, facts, admission, at);
    default:
      return unreachable(admission);
  }
}

async function start(ports: AdmitPorts, { record, release }: AdmissionFacts, why: string, at: number): Promise<AdmitAnswer> {
  const outcome = await startRelease(ports, release, record.fence);
  if (outcome === 'started') return { kind: 'started', why };
  // Another was faster: look again, at what stands now.
  const facts = await loadFacts(ports, release);
  const moved = facts.record.revision !== record.revision;
  return moved ? admit(ports, release, at) : { kind: 'ignored', why: 'the service is not declared any more' };
}

/** In line first, then the others are told: a crash between leaves a place in line, and the rest is done again. */
async function enqueue(
  ports: AdmitPorts,
  { record, release, inFlight }: AdmissionFacts,
  plan: Extract<Admission, { kind: 'queue' }>,
  at: number,
): Promise<AdmitAnswer> {
  const stored = await changeService(ports.records, release.service, (now) => {
    if (now.revision !== record.revision) return undefined;
    return plan.queue.join() === now.queue.join() ? undefined : { ...now, queue: plan.queue };
  });
  // The service changed since the plan was made, so the plan is void.
  if (stored.queue.join() !== plan.queue.join()) return admit(ports, release, at);
  for (const version of plan.drop) {
    const why = `superseded by ${release.version} before it started`;
    await endRelease(ports, { service: release.service, version }, { stage: 'superseded', at, why });
  }
  if (plan.tell && inFlight) await order(ports, inFlight, plan.tell, { by: release.version, at });
  // The service may have become free meanwhile, with nobody left to start what waits.
  await startNext(ports, release.service);
  return { kind: 'queued', why: plan.why };
}

async function order(
  ports: AdmitPorts,
  inFlight: ReleaseRecord,
  kind: 'finish' | 'supersede',
  newer: { readonly by: string; readonly at: number },
): Promise<void> {
  const why = kind === 'finish' ? `${newer.by} waits for its turn` : `superseded by ${newer.by}`;
  const release = await changeRelease(ports.records, inFlight, (now) => {
    const isSet = now.intent?.kind === 'abort' || now.intent?.kind === 'supersede' || now.intent?.kind === kind;
    if (isFinal(now) || now.stage === 'rolling-back' || now.committedAt !== undefined || isSet) return undefined;
    if (kind === 'finish' ? now.stage !== 'warm' : now.stage === 'warm') return undefined;
    return { ...now, intent: { kind, by: 'tandem', why, at: newer.at } };
  });
  if (release.intent?.kind !== 'supersede' || isFinal(release) || release.stage === 'rolling-back') return;
  // Without a fence it is just being started; its first step finds the intent.
  if (release.fence === 0) return;
  await ports.executions.startRollback({ service: release.service, version: release.version, fence: release.fence }, why);
}

/** Ends a release that has not started. One that has is left alone. */
export async function endRelease(
  ports: Pick<AdmitPorts, 'records' | 'notices'>,
  key: Key,
  end: { readonly stage: 'refused' | 'superseded'; readonly at: number; readonly why: string },
): Promise<ReleaseRecord> {
  const release = await changeRelease(ports.records, key, (now) =>
    now.stage === 'received' && now.fence === 0
      ? withTransition(now, end.stage, { at: end.at, why: end.why, by: 'tandem' })
      : undefined,
  );
  return tell(ports, release);
}

async function loadFacts(ports: AdmitPorts, key: Key): Promise<AdmissionFacts> {
  const service = await ports.catalog.find(key.service);
  if (!service) throw serviceUnknown(key.service);
  // The service before the release: a start in between raises the fence, and makes ours void.
  const record = (await ports.records.findService(key.service)) ?? newService(key.service);
  const release = await ports.records.findRelease(key.service, key.version);
  if (!release) throw new TypeError(`${releaseName(key.service, key.version)} has no record`);
  const other = record.inFlight === key.version ? undefined : record.inFlight;
  const inFlight = other === undefined ? undefined : await ports.records.findRelease(key.service, other);
  return { service, record, release, ...(inFlight ? { inFlight } : {}) };
}
