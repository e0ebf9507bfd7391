/** Unikraft: `[ time] CRIT: [library] <file @ line> message` (lib/ukdebug, plat/kvm/traps), with or without time and place. */
import type { CrashClass } from '../fault.ts';
import { inPage, normalize, place } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { seek } from '../signature.ts';
import { classOfAccess, sayAccess } from '../signals.ts';
import { classOfSyndrome } from './arm.ts';

const DUMP_LINES = 60;
const MOST_FRAMES = 5;
const platform = 'unikraft' as const;

const head = (rest: string) =>
  new RegExp(
    String.raw`^(?:CRIT|ERR|Warn|WARN|Info|INFO): +(?:<[\w-]+> |\{[^}]{0,80}\} ){0,2}(?:\[\w+\] )?(?:<(?<file>[^\s>]+) @ *(?<line>\d+)> )?(?:${rest})`,
  );

const PC = /(?:caller is|RIP:(?: *[0-9a-f]{4}:)?|\bELR(?:_EL1)?: *|\bPC:) *(?:\[<)?(?:0x)?(?<pc>[0-9a-f]{3,16})/i;
const SYMBOL =
  /^(?:CRIT: +)?(?:\[\w+\] )?(?:#?\d+\.? +)?(?:\[?<?(?:0x)?[0-9a-f]{6,16}>?\]?) +(?:<)?(?<sym>[A-Za-z_]\w+)(?:\+0x[0-9a-f]+)/;

function whereOf(around: Around): readonly string[] {
  const dump = around.after(DUMP_LINES);
  const symbols = dump.flatMap((line) => SYMBOL.exec(line)?.groups?.['sym'] ?? []).slice(0, MOST_FRAMES);
  if (symbols.length > 0) return symbols;
  const pc = seek(dump, PC)?.['pc'];
  return pc === undefined ? [] : [`pc ${inPage(pc)}`];
}

const STACK = /\bRSP: *(?:[0-9a-f]{4}:)?(?<sp>[0-9a-f]{4,20})/i;
/** ENOMEM: there is a page to be had, and no memory for it. */
const NO_MEMORY = /^-12\b|\(12\)|memory/i;

/** Of one whose program returns afterwards it was tried only whether there is a page. */
const hasGoneOn = (around: Around) => seek(around.after(DUMP_LINES), head('main returned')) !== undefined;

function readAccess({ address = '', why = '' }: Groups, around: Around): Finding | undefined {
  if (hasGoneOn(around)) return undefined;
  if (NO_MEMORY.test(why))
    return { crashClass: 'oom', summary: `there is no memory left (page fault: ${why})`, key: ['oom', 'page fault'] };
  const crashClass = classOfAccess(address, seek(around.after(DUMP_LINES), STACK)?.['sp']);
  return { crashClass, summary: `${sayAccess(crashClass, address)} (page fault)`, key: [...whereOf(around)] };
}

const TRAPS: Readonly<Record<number, CrashClass>> = {
  0: 'arithmetic',
  2: 'hang',
  3: 'abort',
  4: 'arithmetic',
  6: 'illegal-instruction',
  8: 'kernel-fault',
  12: 'stack-overflow',
  13: 'segv',
  14: 'segv',
  16: 'arithmetic',
  17: 'segv',
  19: 'arithmetic',
};

function readTrap({ number = '', name = '' }: Groups, around: Around): Finding {
  const crashClass = TRAPS[Number(number)] ?? 'kernel-fault';
  return { crashClass, summary: `trap ${number}: ${name}`, key: [`trap ${number}`, ...whereOf(around)] };
}

function readArmTrap({ mode = 'sync' }: Groups, around: Around): Finding {
  const { crashClass, words } = classOfSyndrome(around.after(DUMP_LINES));
  return { crashClass, summary: `trap (${mode}): ${words}`, key: [mode, ...whereOf(around)] };
}

function readAssert({ file = '', line, expr = '' }: Groups): Finding {
  const where = file === '' ? '' : place(file, line);
  return {
    crashClass: 'assert',
    summary: `assertion "${expr}" failed${where && ` at ${where}`}`,
    key: ['assert', where, expr],
    runtimeKey: `assert|${where}|${normalize(expr)}`,
  };
}

const SAID = head('(?<why>.+)');

/** Its banner comes after its cause, which is on a line before it if on any. */
function readBanner({ codename = '' }: Groups, around: Around): Finding {
  const why = seek(around.before(1), SAID)?.['why']?.trim() ?? '';
  return {
    crashClass: 'kernel-fault',
    summary: `the unikernel crashed (Unikraft ${codename})${why && `: ${why}`}`,
    key: ['crash', normalize(why), ...whereOf(around)],
  };
}

const readReturn = ({ status = '0' }: Groups): Finding => ({
  crashClass: status === '0' ? 'clean-exit' : 'nonzero-exit',
  summary: `the program returned ${status}`,
  key: ['returned', status],
});

export const UNIKRAFT: readonly Signature[] = [
  {
    ...{ hints: ['Assertion failure: '], weight: 'kernel', platform },
    pattern: head('Assertion failure: (?<expr>.+)'),
    read: readAssert,
  },
  {
    ...{ hints: ['Stack smashing detected'], weight: 'kernel', platform },
    pattern: head('Stack smashing detected'),
    read: (_, around) => ({
      crashClass: 'stack-overflow',
      summary: 'the stack was overwritten (stack smashing detected)',
      key: ['stack smashing', ...whereOf(around)],
    }),
  },
  {
    ...{ hints: ['Cannot handle '], weight: 'kernel', platform },
    pattern: head(
      String.raw`Cannot handle (?<kind>\w+) page fault at (?<address>(?:0x)?[0-9a-f]*)(?: \(ec: [^)]{0,20}\): (?<why>.{0,80}))?`,
    ),
    read: readAccess,
  },
  {
    ...{ hints: ['Unhandled page fault'], weight: 'kernel', platform },
    pattern: head('Unhandled page fault vaddr=(?<address>(?:0x)?[0-9a-f]*)'),
    read: readAccess,
  },
  {
    ...{ hints: ['Unhandled Trap '], weight: 'kernel', platform },
    pattern: head(String.raw`Unhandled Trap (?<number>\d+) \((?<name>[^)]*)`),
    read: readTrap,
  },
  {
    ...{ hints: [' trap caught'], weight: 'kernel', platform },
    pattern: head(String.raw`EL\d (?<mode>sync|invalid [A-Za-z ]+) trap caught`),
    read: readArmTrap,
  },
  {
    ...{ hints: ['Unikraft crash - ', 'Unikraft Crash - '], weight: 'kernel', platform },
    pattern: head(String.raw`Unikraft [Cc]rash - (?<codename>\w+)`),
    read: readBanner,
  },
  {
    ...{ hints: ['Out of memory'], weight: 'service', platform },
    pattern: head(String.raw`.*Cannot handle palloc request of order \d+: Out of memory`),
    read: () => ({ crashClass: 'oom', summary: 'there is no memory left (page allocator)', key: ['oom', 'palloc'] }),
  },
  { ...{ hints: ['Crashing'], weight: 'end', platform }, pattern: head('Crashing$'), read: readBanner },
  {
    ...{ hints: ['main returned '], weight: 'end', platform },
    pattern: head(String.raw`main returned (?<status>-?\d+)`),
    read: readReturn,
  },
];
