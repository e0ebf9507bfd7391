/** How something ended, where nothing says why; and boots that never came to a service. */
import type { CrashClass } from '../fault.ts';
import { normalize, place } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { classBy } from '../signature.ts';
import { bare } from './stops.ts';
import { classOfStatus, keyOfStatus, sayStatus, signalOf } from '../signals.ts';

const failedBoot = ({ why = '' }: Groups): Finding => ({
  crashClass: 'boot-failure',
  summary: `it did not boot: ${why.trim()}`,
  key: ['boot', normalize(why)],
});

const failedBootLine = (_: Groups, { line }: Around): Finding => failedBoot({ why: line.slice(0, 160) });

const notRun = ({ why = '' }: Groups): Finding => ({
  crashClass: 'startup-config',
  summary: `the program could not be run: ${why}`,
  key: ['startup', normalize(why)],
});

/** `code=killed, status=9/KILL` says less than the result that follows: the kernel's killer, or a watchdog. */
const RESULTS: readonly (readonly [RegExp, CrashClass])[] = [
  [/'oom-kill'/, 'oom'],
  [/'watchdog'/, 'hang'],
];

function readSystemd({ code = '', status = '0', name = '' }: Groups, around: Around): Finding {
  const result = around.after(6).find((line) => line.includes('Failed with result')) ?? '';
  const isExit = code === 'exited';
  // 200 and above are systemd's own: the program was never run (systemd.exec(5), "Process Exit Codes").
  const isUnrun = isExit && Number(status) >= 200;
  const bySelf = isUnrun ? 'startup-config' : isExit ? classOfStatus(Number(status)) : signalOf(status).crashClass;
  const key = isExit ? keyOfStatus(Number(status)) : [signalOf(status).name];
  const words = isExit ? `${sayStatus(Number(status))} (${name})` : `${signalOf(status).words} (${signalOf(status).name})`;
  return { crashClass: classBy(result, RESULTS, bySelf), summary: `the service ended: ${words}`, key };
}

function readStatus({ status = '0' }: Groups): Finding {
  const value = Number(status);
  const crashClass = classOfStatus(value);
  return { crashClass, summary: `the program ended: ${sayStatus(value)}`, key: keyOfStatus(value) };
}

export const ENDS: readonly Signature[] = [
  { ...{ hints: ['tandem: boot failed: '], weight: 'end' }, pattern: /^tandem: boot failed: (?<why>.+)/, read: failedBoot },
  { ...{ hints: ['tandem: cannot run '], weight: 'end' }, pattern: /^tandem: cannot (?:run|enter) (?<why>.+)/, read: notRun },
  {
    ...{
      hints: [
        'No bootable ',
        'not a bootable disk',
        'find kernel image',
        'need to load the kernel',
        'could not read the boot disk',
        'no such partition',
        'grub rescue>',
        'dracut: FATAL',
      ],
      weight: 'end',
    },
    pattern:
      /No bootable (?:device|option)|not a bootable disk|Could not find kernel image|you need to load the kernel first|could not read the boot disk|no such partition|grub rescue>|dracut: FATAL/,
    read: failedBootLine,
  },
  {
    ...{
      hints: [
        'waiting for ',
        '(initramfs)',
        'emergency ',
        'Emergency Shell',
        'Failed to mount ',
        'Dropping to a shell',
        'No init found',
        'fsck MANUALLY',
        'EFI stub: ',
      ],
      weight: 'end',
    },
    pattern:
      /Gave up waiting for root|still waiting for following initqueue hooks|^\(initramfs\)|You are in emergency mode|^Entering emergency mode|Starting Dracut Emergency Shell|dropped into an emergency shell|emergency recovery shell|RUN fsck MANUALLY|^EFI stub: ERROR|^ERR: .*Failed to mount |Dropping to a shell|^No init found/,
    read: failedBootLine,
  },
  {
    ...{ hints: [' Main process exited, code='], weight: 'end', platform: 'linux' },
    pattern: /Main process exited, code=(?<code>exited|killed|dumped), status=(?<status>\d+)(?:\/(?<name>\w+))?/,
    read: readSystemd,
  },
  {
    ...{ hints: ['exit status '], weight: 'end' },
    pattern: /(?:^|: )exit status (?<status>\d+)(?: \(SIG\w+\))?$/,
    read: readStatus,
  },
  {
    // That of one of its processes, told with its id, is not its own.
    ...{ hints: ['exit code '], weight: 'end' },
    pattern: /^(?!.*\(PID \d).*\bexit code (?<status>\d+)$/,
    read: readStatus,
  },
];

/** Its writer does not think that anything ends. */
export const HARMLESS =
  /\b(?:INFO|INF|DEBUG|DBG|TRACE|NOTICE|WARN|WRN|WARNING)\b|\[(?:info|debug|trace|notice|warn(?:ing)?)\]|\blevel"?[=:] ?"?(?:info|debug|trace|warn)|^PASS\b|\b(?:[Ll]oad|[Rr]egister|[Ii]nstall|[Rr]ecover|[Ii]gnor|[Hh]andl)ed\b|\b[Ee]nabled\b/;
const PLACE = /(?<![\w./-])(?<file>[\w./-]{1,120}\.(?:c|cc|cpp|cxx|h|hpp|rs|go|ml|zig))(?::|,? line | )(?<line>\d+)\b/;

/** Mere words, when nothing that is known says more. A place in a source is what stays the same of its line. */
const word = (hints: readonly string[], pattern: RegExp, crashClass: CrashClass): Signature => ({
  hints,
  pattern,
  weight: 'word',
  read: (_, { line }) => {
    if (HARMLESS.test(line)) return undefined;
    const { file, line: at } = PLACE.exec(line)?.groups ?? {};
    const same = file === undefined ? normalize(bare(line)) : place(file, at);
    return { crashClass, summary: bare(line), key: [same], runtimeKey: `${crashClass}|${same}` };
  },
});

export const WORDS: readonly Signature[] = [
  word(['ut of memory', 'UT OF MEMORY', 'ut Of Memory'], /out of memory/i, 'oom'),
  word(
    ['ssert', 'SSERT'],
    /\bassert(?:ion)?\b.{0,300}\bfail|\bASSERT(?:ION)? FAILED|\bAssert error in (?!\w+_handler\()/i,
    'assert',
  ),
  word(['egmentation fault', 'SIGSEGV'], /segmentation fault|SIGSEGV/i, 'segv'),
  word(['us error'], /\bbus error\b/i, 'segv'),
  word(['reakpoint trap'], /breakpoint trap/i, 'abort'),
  word(['llegal instruction', 'SIGILL'], /illegal instruction|SIGILL/i, 'illegal-instruction'),
  word(
    ['loating point exception', 'ivision by zero', 'ivide by zero', 'SIGFPE'],
    /floating point exception|divi\w+ by zero|SIGFPE/i,
    'arithmetic',
  ),
  word(['tack overflow', 'tack exhausted'], /stack (?:overflow|exhausted)/i, 'stack-overflow'),
  word(
    ['ouble free', 'eap corruption', 'use-after-free', 'se after free'],
    /double free|heap corruption|use.after.free/i,
    'heap-corruption',
  ),
  word(['anic'], /\bpanic\b/i, 'abort'),
  word(['bort', 'SIGABRT'], /\babort(?:ed|ing)?\b|SIGABRT/i, 'abort'),
];
