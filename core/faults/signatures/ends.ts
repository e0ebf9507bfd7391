/** How something ended, where nothing says why; and boots that never came to a service. */
import type { CrashClass } from '../fault.ts';
import { normalize } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { classBy } from '../signature.ts';
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
    // rumprun, OSv
    ...{ hints: [' returned ', '_exit('], weight: 'end' },
    pattern:
      /^=== (?:main\(\) of "[^"]{1,200}" returned |_exit\()(?<status>\d+)(?: ===|\) called ===)|^program \S{1,200} returned (?<code>\d+)$/,
    read: ({ status, code }) => readStatus({ status: status ?? code }),
  },
  {
    // That of one of its processes, told with its id, is not its own.
    ...{ hints: ['exit code '], weight: 'end' },
    pattern: /^(?!.*\(PID \d).*\bexit code (?<status>\d+)$/,
    read: readStatus,
  },
];
