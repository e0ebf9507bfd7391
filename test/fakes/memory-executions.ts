import type { Executions, ReleaseRun, RunState } from '../../core/release/ports.ts';

/** Executions by name: a name is used once, and starting a running one again is success. */
export class MemoryExecutions implements Executions {
  /** State of every execution that was ever started, by its name. */
  readonly runs = new Map<string, RunState>();
  readonly reasons = new Map<string, string>();

  async startRelease(run: ReleaseRun): Promise<void> {
    this.start(nameOf('release', run));
  }

  async startRollback(run: ReleaseRun, why: string): Promise<void> {
    const name = nameOf('rollback', run);
    if (!this.runs.has(name)) this.reasons.set(name, why);
    this.start(name);
  }

  async releaseState(run: ReleaseRun): Promise<RunState> {
    return this.runs.get(nameOf('release', run)) ?? 'none';
  }

  async rollbackState(run: ReleaseRun): Promise<RunState> {
    return this.runs.get(nameOf('rollback', run)) ?? 'none';
  }

  end(name: string, state: 'succeeded' | 'failed'): void {
    if (!this.runs.has(name)) throw new Error(`${name} was never started`);
    this.runs.set(name, state);
  }

  private start(name: string): void {
    if (!this.runs.has(name)) this.runs.set(name, 'running');
  }
}

const nameOf = (kind: string, { service, version, fence }: ReleaseRun) => `${kind}-${service}-${version}-${fence}`;
