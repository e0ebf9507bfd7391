/** What a node died of where no text says so: by its exit record, by how often it booted, by what EC2 and the group say. */
import type { ConsoleText } from './console-text.ts';
import { readConsole } from './console-text.ts';
import type { CrashClass, CrashFacts } from './fault.ts';
import { platformOf } from './platform.ts';
import { readSigns } from './read-signs.ts';
import type { Sign } from './read-signs.ts';
import { refusalIn } from './refusals.ts';
import { sayStatus } from './signals.ts';

export type End = Omit<Sign, 'weight' | 'at'>;

const end = (crashClass: CrashClass, summary: string, ...key: readonly string[]): End => ({
  crashClass,
  summary,
  key,
  evidence: '',
});

/** The record's log: the last of what the console showed. */
export function logOfRecord({ exitRecord = '' }: CrashFacts): string {
  const log = exitRecord.slice(exitRecord.indexOf('\n') + 1);
  return readConsole(new TextEncoder().encode(log)).text;
}

export const classifyEnd = (facts: CrashFacts, console: ConsoleText): End =>
  byRecord(facts) ?? byBoots(console) ?? byMissingRecord(facts, console) ?? byState(facts, console);

/**
 * Nanos records a status of its own (runtime.h): 15 where SIGTERM ended it, 126 for a fault in its kernel, 127 where it
 * halted. Small ones are a signal's number or the program's: a signal would have been told in the record's log.
 */
function byRecord({ exitRecord = '' }: CrashFacts): End | undefined {
  const code = /^exit code (-?\d+)/.exec(exitRecord)?.[1];
  if (code === undefined) return undefined;
  const [crashClass, words] = classOfRecord(Number(code));
  return { ...end(crashClass, `${words} (exit code ${code} on its disk)`, 'record', code), platform: 'nanos' };
}

/** Nanos records every end but that with 0, and the faults of its kernel, which it prints. */
function byMissingRecord({ exitRecord = '', end: { state } }: CrashFacts, { text }: ConsoleText): End | undefined {
  const isOff = state === 'stopped' || state === 'stopping';
  if (!isOff || !exitRecord.startsWith('no record') || platformOf(text) !== 'nanos') return undefined;
  return end('clean-exit', 'the program ended with 0: nothing else is on its disk or its console', 'record', '0');
}

function classOfRecord(code: number): readonly [CrashClass, string] {
  if (code === 0) return ['clean-exit', 'the program ended by itself'];
  if (code === 15) return ['sigterm', 'it was told to end'];
  if (code === 126) return ['kernel-fault', 'a fault in the kernel'];
  if (code === 127) return ['kernel-panic', 'the kernel halted'];
  return ['nonzero-exit', `the program ended: ${sayStatus(code)}`];
}

function byBoots({ boots, before, text }: ConsoleText): End | undefined {
  if (boots < 2) return undefined;
  const cause = readSigns(before) ?? readSigns(text);
  const why = cause === undefined ? 'and does not say why' : `the last time after: ${cause.summary}`;
  return {
    ...end('reset-loop', `it booted ${boots} times, ${why}`, ...(cause?.key ?? [])),
    ...(cause && { evidence: cause.evidence, ...(cause.platform && { platform: cause.platform }) }),
  };
}

function byState({ end: facts }: CrashFacts, console: ConsoleText): End {
  const { state, stateReason = '', wasHealthy, targetReason, instanceCheck } = facts;
  if (/InternalError|InvalidSnapshot|VolumeLimit|InsufficientInstance/.test(stateReason))
    return wasHealthy
      ? end('unknown', `EC2 ended it, and not the program: ${stateReason}`, stateReason)
      : end('boot-failure', `EC2 could not start it: ${stateReason}`, stateReason);
  if (/UserInitiated|ScheduledStop|Spot/.test(stateReason))
    return end('sigterm', `somebody ended it: ${stateReason}`, stateReason);
  const told = targetReason === undefined ? '' : ` (${targetReason})`;
  const refused = wasHealthy || state === 'running' ? undefined : refusalIn(console.text);
  if (refused !== undefined) return refused;
  if (!wasHealthy) return end('boot-failure', `it never served, and is ${state}${told}`, state);
  if (state === 'running' || state === 'pending') {
    const check = instanceCheck === 'impaired' ? ', and EC2 cannot reach it' : '';
    return end('hang', `it runs and does not answer${check}${told}`, instanceCheck ?? '');
  }
  const said = console.text.trim() === '' ? 'its console is empty' : 'its console does not say why';
  return end('unknown', `it is ${state}, and ${said}${stateReason && ` (${stateReason})`}`, state);
}
