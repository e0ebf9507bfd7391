import { planRollback } from './plan-rollback.ts';
import type { Executions, Records, ReleaseRun } from './ports.ts';
import { newService, releaseName } from './release.ts';

export interface BeginRollbackPorts {
  readonly records: Records;
  readonly executions: Executions;
}

/** What EventBridge tells of an execution that ended badly. */
export interface BeginRollbackInput {
  readonly detail: {
    readonly executionArn: string;
    readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
    readonly input?: string | null | undefined;
    readonly error?: string | null | undefined;
    readonly cause?: string | null | undefined;
  };
}

export interface BeginRollbackAnswer {
  readonly kind: 'started' | 'ignored';
  readonly why: string;
}

/** The second way a rollback begins, beside the workflow's own catch. Its name makes the two one. */
export async function beginRollback(ports: BeginRollbackPorts, input: BeginRollbackInput): Promise<BeginRollbackAnswer> {
  const run = await findRun(ports.records, input);
  if (!run) return { kind: 'ignored', why: `${input.detail.executionArn} is no release's execution` };
  const release = await ports.records.findRelease(run.service, run.version);
  if (!release) return { kind: 'ignored', why: `there is no ${releaseName(run.service, run.version)}` };
  const record = (await ports.records.findService(run.service)) ?? newService(run.service);

  const plan = planRollback(record, release, run.fence);
  if (plan.kind === 'over' || plan.kind === 'held') return { kind: 'ignored', why: plan.why };
  const why = reason(input);
  await ports.executions.startRollback(run, why);
  return { kind: 'started', why };
}

const MOST_CAUSE = 500;

function reason({ detail }: BeginRollbackInput): string {
  const error = detail.error == null ? '' : `: ${detail.error}`;
  const cause = detail.cause == null ? '' : ` (${detail.cause.slice(0, MOST_CAUSE)})`;
  return `its execution ended as ${detail.status}${error}${cause}`;
}

/**
 * EventBridge leaves a large input out, so the execution's name is what counts: `release-<service>-<version>-<fence>`.
 * Both parts may hold dashes; the record that is in flight under that fence says where one ends.
 */
async function findRun(records: Records, { detail }: BeginRollbackInput): Promise<ReleaseRun | undefined> {
  const name = detail.executionArn.split(':').at(-1) ?? '';
  const parts = /^release-(?<both>.+)-(?<fence>\d+)$/.exec(name)?.groups;
  if (!parts?.both || !parts.fence) return undefined;
  const words = parts.both.split('-');
  for (let end = 1; end < words.length; end++) {
    const [service, version] = [words.slice(0, end).join('-'), words.slice(end).join('-')];
    if (await records.findRelease(service, version)) return { service, version, fence: Number(parts.fence) };
  }
  return undefined;
}
