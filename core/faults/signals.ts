/** Signals, exit statuses and fault addresses, as classes. */
import type { CrashClass } from './fault.ts';

interface Signal {
  readonly name: string;
  readonly crashClass: CrashClass;
  readonly words: string;
}

const SIGNALS: Readonly<Record<number, Signal>> = {
  1: { name: 'SIGHUP', crashClass: 'sigterm', words: 'hang-up' },
  2: { name: 'SIGINT', crashClass: 'sigterm', words: 'interrupt' },
  3: { name: 'SIGQUIT', crashClass: 'abort', words: 'quit with a dump' },
  4: { name: 'SIGILL', crashClass: 'illegal-instruction', words: 'illegal instruction' },
  5: { name: 'SIGTRAP', crashClass: 'abort', words: 'trap' },
  6: { name: 'SIGABRT', crashClass: 'abort', words: 'it aborted itself' },
  7: { name: 'SIGBUS', crashClass: 'segv', words: 'bus error' },
  8: { name: 'SIGFPE', crashClass: 'arithmetic', words: 'arithmetic error' },
  9: { name: 'SIGKILL', crashClass: 'abort', words: 'killed' },
  11: { name: 'SIGSEGV', crashClass: 'segv', words: 'segmentation fault' },
  10: { name: 'SIGUSR1', crashClass: 'abort', words: 'a signal it did not expect' },
  12: { name: 'SIGUSR2', crashClass: 'abort', words: 'a signal it did not expect' },
  13: { name: 'SIGPIPE', crashClass: 'abort', words: 'broken pipe' },
  14: { name: 'SIGALRM', crashClass: 'abort', words: 'its alarm went off' },
  15: { name: 'SIGTERM', crashClass: 'sigterm', words: 'told to end' },
  24: { name: 'SIGXCPU', crashClass: 'abort', words: 'CPU time limit' },
  25: { name: 'SIGXFSZ', crashClass: 'abort', words: 'file size limit' },
  31: { name: 'SIGSYS', crashClass: 'abort', words: 'forbidden system call' },
};

/** By number or name (with or without SIG). */
export function signalOf(which: string): Signal {
  const name = which.replace(/^SIG/, '');
  const known = SIGNALS[Number(which)] ?? Object.values(SIGNALS).find((one) => one.name === `SIG${name}`);
  const told = /^\d+$/.test(which) ? `signal ${which}` : `SIG${name}`;
  return known ?? { name: told, crashClass: 'abort', words: told };
}

/** Nothing is mapped in the first page. */
export const isNull = (address: string): boolean => Number.parseInt(address.replace(/^0x/, '') || '0', 16) < 0x1000;

export const sayAddress = (address: string): string =>
  `0x${address
    .replace(/^0x/, '')
    .replace(/^0+(?=.)/, '')
    .toLowerCase()}`;

/** A fault just beyond the stack pointer is the end of the stack. */
export function isStackEnd(address: string, stackPointer: string | undefined): boolean {
  if (stackPointer === undefined || isNull(address)) return false;
  const toNumber = (text: string) => Number.parseInt(text.replace(/^0x/, ''), 16);
  return Math.abs(toNumber(address) - toNumber(stackPointer)) <= 0x10000;
}

export function classOfAccess(address: string, stackPointer?: string): CrashClass {
  if (isNull(address)) return 'null-deref';
  return isStackEnd(address, stackPointer) ? 'stack-overflow' : 'segv';
}

export function sayAccess(crashClass: CrashClass, address: string): string {
  if (crashClass === 'null-deref') return 'null pointer dereference';
  return crashClass === 'stack-overflow' ? 'stack overflow' : `invalid access (address ${sayAddress(address)})`;
}

/** As shells have it: 128 and the signal. What is above and no signal's, the program has chosen itself. */
const signalIn = (status: number) => SIGNALS[status - 128];

/** 126 and 127: it could not be run; 78: its configuration (sysexits.h). */
export function classOfStatus(status: number): CrashClass {
  if (status === 0) return 'clean-exit';
  if (status === 126 || status === 127 || status === 78) return 'startup-config';
  return signalIn(status)?.crashClass ?? 'nonzero-exit';
}

/** What stays the same of an end of which only the status is known. */
export const keyOfStatus = (status: number): readonly string[] => {
  const signal = signalIn(status);
  return signal === undefined ? ['status', String(status)] : [signal.name];
};

export function sayStatus(status: number): string {
  const signal = signalIn(status);
  return signal === undefined ? `exit status ${status}` : `exit status ${status} (${signal.name}: ${signal.words})`;
}
