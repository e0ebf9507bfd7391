/** What the demo prints while a release runs: each step, and between the steps what users see. Also remembers alarms. */
import { paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { Account } from './account.ts';
import type { Step } from './follow.ts';
import { NOBODY, type Answer, type Traffic } from './traffic.ts';

const PULSE_MS = 2500;

const clock = (at: number) => new Date(at).toISOString().slice(11, 19);

/** `1.0.0 linux 31, unikernel 160; 1.1.0 linux 28` */
export function usersLine(answers: readonly Answer[], seconds: number): string {
  const perVersion = new Map<string, Map<string, number>>();
  for (const { version, build } of answers) {
    const builds = perVersion.get(version) ?? new Map<string, number>();
    builds.set(build, (builds.get(build) ?? 0) + 1);
    perVersion.set(version, builds);
  }
  const rate = (count: number) => Math.round(count / seconds);
  const who = [...perVersion].sort().map(([version, builds]) => {
    const parts = [...builds].sort().map(([build, count]) => `${build} ${rate(count)}`.trim());
    return version === NOBODY ? `no node yet ${parts.join(', ')}` : `${version} ${parts.join(', ')}`;
  });
  const failed = answers.filter((answer) => !answer.ok && answer.version !== NOBODY).length;
  return [...who, ...(failed > 0 ? [`${failed} failed`] : [])].join('; ');
}

export class Progress {
  readonly #account: Account;
  readonly #traffic: Traffic;
  readonly #tell: (line: string) => void;
  readonly #seen = new Map<string, number>();
  readonly #alarms = new Set<string>();
  #toldAt = Date.now();

  constructor(account: Account, traffic: Traffic, tell: (line: string) => void) {
    this.#account = account;
    this.#traffic = traffic;
    this.#tell = tell;
  }

  /** Names of alarms that were seen in ALARM. */
  get alarms(): readonly string[] {
    return [...this.#alarms];
  }

  /** Wall-clock instant in which a stage was first seen. */
  seenAt(stage: string): number | undefined {
    return this.#seen.get(stage);
  }

  say(line: string): void {
    this.#tell(line);
    this.#toldAt = Date.now();
  }

  step(step: Step): void {
    this.#seen.set(step.stage, Date.now());
    this.say(`  ${clock(step.at)}  ${step.stage.padEnd(12)}  ${step.why}`);
  }

  /** Called often; speaks when nothing was said for a while. */
  async pulse(): Promise<void> {
    const passed = Date.now() - this.#toldAt;
    if (passed < PULSE_MS) return;
    const answers = this.#traffic.since(Date.now() - PULSE_MS);
    this.say(`            requests/s  ${usersLine(answers, PULSE_MS / 1000)}`);
    await this.listen();
  }

  async listen(): Promise<void> {
    const pages = paginateDescribeAlarms({ client: this.#account.cloudwatch }, { StateValue: 'ALARM' });
    for await (const page of pages) for (const alarm of page.MetricAlarms ?? []) this.#alarms.add(alarm.AlarmName ?? '?');
  }
}
