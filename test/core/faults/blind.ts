/**
 * Lots named by somebody who had not read the rules, as plain text, before they were run. An entry's head is
 * `=== name | group | class | state served`, with ` | fp failure/which` where its fingerprint is compared: the same for
 * one failure, another for another of the same name. Bytes that are no text are written as in a string: \x1b, \r.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashFacts } from '../../../core/faults/fault.ts';

const DIR = join(import.meta.dirname, 'blind');
const HEAD = /^=== ([a-z0-9-]+) \| (\w+) \| ([a-z-]+) \| (stopped|running) (served|never)(?: \|(?: fp ([\w-]+)\/(\d))?\s*)?$/;

export interface BlindEntry {
  readonly name: string;
  readonly group: string;
  readonly is: string;
  readonly facts: CrashFacts;
  /** The failure, and which of those of its name. */
  readonly failure?: string;
  readonly which?: string;
}

/** Every byte as written; letters beyond ASCII as UTF-8. */
function toBytes(text: string): Uint8Array {
  const parts = text.split(/(\\x[0-9a-f]{2}|\\r$|\\\\)/m);
  return Buffer.concat(
    parts.map((part) => {
      if (part.startsWith('\\x')) return Buffer.from(part.slice(2), 'hex');
      return Buffer.from(part === '\\r' ? '\r' : part === '\\\\' ? '\\' : part);
    }),
  );
}

function toEntry(head: RegExpExecArray, body: readonly string[]): BlindEntry {
  const [, name = '', group = '', is = '', state, served, failure, which] = head;
  const wasHealthy = served === 'served';
  const end: CrashFacts['end'] =
    state === 'running'
      ? { state, wasHealthy }
      : { state: 'stopped', stateReason: 'Client.InstanceInitiatedShutdown', wasHealthy };
  const facts = { console: toBytes(`${body.join('\n')}\n`), end };
  return { name, group, is, facts, ...(failure !== undefined && which !== undefined && { failure, which }) };
}

export function readLot(lot: 'first' | 'second'): readonly BlindEntry[] {
  const lines = readdirSync(join(DIR, lot)).flatMap((file) => readFileSync(join(DIR, lot, file), 'utf8').split('\n'));
  const heads = lines.flatMap((line, at) => {
    const head = HEAD.exec(line);
    return head === null ? [] : [{ head, at }];
  });
  return heads.map(({ head, at }, index) => toEntry(head, lines.slice(at + 1, heads[index + 1]?.at)));
}
