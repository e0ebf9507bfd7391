/** The Linux kernel: its own end, and what it says of programs that die. */
import type { CrashClass } from '../fault.ts';
import { inPage, normalize, place } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { classBy, seek } from '../signature.ts';
import { classOfAccess, classOfStatus, keyOfStatus, sayAccess, sayAddress, sayStatus, signalOf } from '../signals.ts';

const platform = 'linux' as const;

/** It is the kernel that speaks only where its line begins, or its clock stands before it: programs quote it. */
const kernel = (rest: string) => new RegExp(String.raw`(?:^|\d\] |kernel: ?)(?:${rest})`);
const DUMP_LINES = 60;
const MOST_FRAMES = 5;

/** Kernels before 4.10 tell addresses too. */
const FUNCTION = /(?:RIP: [0-9a-f]{4}:|IP: \[<[0-9a-f]+>\] |pc : |Call Trace: )(?<sym>[A-Za-z_][\w.]*)\+0x/;
const FRAME = /^ *(?:\[<[0-9a-f]+>\] )?(?<sym>[A-Za-z_][\w.]*)\+0x[0-9a-f]+\/0x[0-9a-f]+/;

/** Functions only, without offsets; frames the unwinder is not sure of (`? name`) are left out. */
function framesOf(around: Around): readonly string[] {
  const dump = around.after(DUMP_LINES);
  const at = seek(dump, FUNCTION)?.['sym'];
  const frames = dump.flatMap((line) => FRAME.exec(line)?.groups?.['sym'] ?? []);
  return [...(at === undefined ? [] : [at]), ...frames.filter((one) => one !== at)].slice(0, MOST_FRAMES);
}

const inFunction = ([first]: readonly string[]) => (first === undefined ? '' : ` in ${first}`);

/** An interrupt from outside, or the kernel's own watchdogs. */
const HUNG = /^NMI|nmi_panic|hung_task|softlockup|hard lockup|RCU stall/i;

function readPanic({ why = '' }: Groups, around: Around): Finding | undefined {
  if (why.startsWith('Attempted to kill init')) return undefined;
  const rules = [
    [/out of memory|deadlocked on memory|panic_on_oom/i, 'oom'],
    [HUNG, 'hang'],
  ] as const;
  const crashClass = classBy(why, rules, 'kernel-panic');
  const frames = framesOf(around);
  const told =
    crashClass === 'hang'
      ? `it hung, and was ${why.startsWith('NMI') ? 'interrupted' : `ended: ${why}`}`
      : `kernel panic: ${why}`;
  return { crashClass, summary: `${told}${inFunction(frames)}`, key: [normalize(why), ...frames] };
}

const signalled = (what: string, { signal = '', comm = 'the program' }: Groups): Finding => {
  const { crashClass, name, words } = signalOf(signal);
  return { crashClass, summary: `${comm} died: ${words} (${name})${what}`, key: [name] };
};

/** Of an oops that ends in a panic the oops says more; the class is the end's. */
function readOops({ bug = 'oops', what = bug }: Groups, around: Around): Finding {
  const frames = framesOf(around);
  const panic = seek(around.after(DUMP_LINES), /(?<!end )Kernel panic - not syncing: (?<why>.*)/);
  const crashClass = panic === undefined ? 'kernel-fault' : 'kernel-panic';
  const summary = `${panic === undefined ? 'kernel fault' : 'kernel panic'}: ${what}${inFunction(frames)}`;
  return { crashClass, summary, key: ['oops', normalize(what), ...frames] };
}

function readBug({ file = '', line }: Groups, around: Around): Finding {
  const where = place(file, line);
  const panic = seek(around.after(DUMP_LINES), /(?<!end )Kernel panic - not syncing: (?<why>.*)/);
  const crashClass = panic === undefined ? 'kernel-fault' : 'kernel-panic';
  return { crashClass, summary: `kernel bug at ${where}${inFunction(framesOf(around))}`, key: ['bug', where] };
}

function readOom({ comm = 'a process', scope = '' }: Groups): Finding {
  const where = scope.startsWith('Memory cgroup') ? ' of its group' : '';
  return { crashClass: 'oom', summary: `the kernel killed ${comm}: out of memory${where}`, key: ['oom', comm] };
}

/** `error` has bit 4 where it was an instruction that was not there. */
function readSegfault({ comm = '', address = '', pc = '', sp, object }: Groups): Finding {
  const crashClass = classOfAccess(address, sp);
  const where = object === undefined ? '' : ` in ${object}`;
  // Without the rest of the line the counter may be cut short.
  const key = sp === undefined ? [] : [`pc ${inPage(pc)}`];
  return {
    crashClass,
    summary: `${comm}: ${sayAccess(crashClass, address)}: SIGSEGV at address ${sayAddress(address)}${where}`,
    key,
  };
}

const TRAPS: readonly (readonly [RegExp, CrashClass])[] = [
  [/invalid opcode/, 'illegal-instruction'],
  [/divide error|coprocessor|overflow|simd/i, 'arithmetic'],
  [/stack segment/, 'stack-overflow'],
  [/int3|debug/, 'abort'],
];

function readTrap({ comm = '', trap = '', pc = '', sp, object }: Groups): Finding {
  const crashClass = classBy(trap, TRAPS, 'segv');
  const where = object === undefined ? '' : ` in ${object}`;
  return {
    crashClass,
    summary: `${comm}: ${trap.replace(/^trap /, '')}${where}`,
    key: sp === undefined ? [] : [`pc ${inPage(pc)}`],
  };
}

const ARM: readonly (readonly [RegExp, CrashClass])[] = [
  [/undefined instruction|UNDEFINED/i, 'illegal-instruction'],
  [/floating|FPAC|\bFPE\b|FP exception/i, 'arithmetic'],
  [/BRK/, 'abort'],
];

/** Newer kernels tell the syndrome, older ones the address. */
function readArm({ comm = '', what = '', address }: Groups): Finding {
  const crashClass = address === undefined ? classBy(what, ARM, 'segv') : classOfAccess(address);
  const told = address === undefined ? what : sayAccess(crashClass, address);
  return { crashClass, summary: `${comm} died: ${told}`, key: [normalize(what)] };
}

const hang =
  (what: string) =>
  ({ comm }: Groups): Finding => {
    const who = comm === undefined ? '' : ` (${comm})`;
    return { crashClass: 'hang', summary: `${what}${who}`, key: [what, normalize(comm ?? '')] };
  };

/** Process 1 was the service: the low seven bits are its signal, the next eight its status. */
function readInit({ code = '0' }: Groups): Finding {
  const value = Number.parseInt(code, 16);
  const signal = value & 0x7f;
  if (signal !== 0) {
    const { name, words, crashClass } = signalOf(String(signal));
    return { crashClass, summary: `the first process died: ${words} (${name})`, key: [name] };
  }
  const status = (value >> 8) & 0xff;
  return {
    crashClass: classOfStatus(status),
    summary: `the first process ended: ${sayStatus(status)}`,
    key: keyOfStatus(status),
  };
}

const MAPPED = String.raw`(?: in (?<object>[^[\s]+)\[)?`;

export const LINUX: readonly Signature[] = [
  {
    ...{ hints: ['Killed process ', 'Kill process '], weight: 'kernel', platform },
    pattern: kernel(
      String.raw`(?<scope>Memory cgroup out of memory|Out of memory[^:]*): Kill(?:ed)? process \d+ \((?<comm>[^)]+)\)`,
    ),
    read: readOom,
  },
  {
    ...{ hints: ['oom-kill:constraint='], weight: 'kernel', platform },
    pattern: /^oom-kill:(?<scope>constraint=)\S{0,400}?,task=(?<comm>[^,\s]+),pid=/,
    read: readOom,
  },
  {
    ...{ hints: [' invoked oom-killer: '], weight: 'kernel', platform },
    pattern: /^(?<comm>\S+) invoked oom-killer: /,
    read: readOom,
  },
  {
    ...{ hints: ['nable to handle ', 'kernel NULL pointer'], weight: 'kernel', platform },
    pattern: kernel(
      'BUG: (?<bug>unable to handle (?:kernel )?(?:NULL pointer dereference|page fault|paging request)|kernel NULL pointer dereference)|(?<what>Unable to handle (?:kernel )?(?:NULL pointer dereference|paging request|execute from non-executable memory|access to user memory))',
    ),
    read: readOops,
  },
  {
    ...{ hints: ['kernel BUG at '], weight: 'kernel', platform },
    pattern: kernel(String.raw`kernel BUG at (?<file>[^\s:]+):(?<line>\d+)`),
    read: readBug,
  },
  {
    ...{ hints: ['general protection fault'], weight: 'kernel', platform },
    pattern: kernel(String.raw`(?:Oops: )?(?<what>general protection fault)[^:]{0,120}: [0-9a-f]{4} \[#\d+\]`),
    read: readOops,
  },
  {
    ...{ hints: ['Internal error: Oops'], weight: 'kernel', platform },
    pattern: kernel(String.raw`(?<what>Internal error: Oops[^:]{0,80}): [0-9a-f]+ \[#\d+\]`),
    read: readOops,
  },
  {
    ...{ hints: ['Oops: '], weight: 'kernel', platform },
    pattern: kernel(String.raw`Oops: (?:[\w ]+: )?[0-9a-f]{4} \[#\d+\]`),
    read: readOops,
  },
  {
    // Whatever the exception is called: `divide error: 0000 [#1]`, `Internal error: SP/PC alignment: 8a000000 [#1]`.
    ...{ hints: [' [#'], weight: 'kernel', platform },
    pattern: kernel(String.raw`(?:Internal error: )?(?<what>[A-Za-z][\w /-]{2,60})(?:, [^:]{0,120})?: [0-9a-f]{4,16} \[#\d+\]`),
    read: readOops,
  },
  {
    ...{ hints: ['Kernel panic - not syncing: '], weight: 'kernel', platform },
    pattern: kernel('Kernel panic - not syncing: (?<why>.+)'),
    read: readPanic,
  },
  {
    ...{ hints: [']: segfault at '], weight: 'signal', platform },
    pattern: new RegExp(
      String.raw`^(?<comm>[^[\]]{1,15})\[\d+\]: segfault at (?<address>[0-9a-f]+)(?: {1,2}ip (?<pc>[0-9a-f]+)(?: sp (?<sp>[0-9a-f]+)(?: error [0-9a-f]+)?${MAPPED})?)?`,
    ),
    read: readSegfault,
  },
  {
    ...{ hints: ['traps: '], weight: 'signal', platform },
    pattern: new RegExp(
      String.raw`^traps: (?<comm>[^[]{1,15})\[\d+\] (?:trap )?(?<trap>general protection|[a-z][a-z\d ]{1,30}?)(?: fault)? ip:(?<pc>[0-9a-f]+)(?: sp:(?<sp>[0-9a-f]+)(?: error:[0-9a-f]+)?${MAPPED})?`,
    ),
    read: readTrap,
  },
  {
    ...{ hints: [']: unhandled ', ']: undefined instruction'], weight: 'signal', platform },
    pattern:
      /^(?<comm>[^[\]]{1,15})\[\d+\]: (?:unhandled )?(?:exception: )?(?<what>[^,:([]{0,80}[^,:([\s])(?: \([^)]*\))?(?: at 0x(?<address>[0-9a-f]+))?/,
    read: readArm,
  },
  {
    ...{ hints: ['] bad frame in '], weight: 'signal', platform },
    pattern: /^(?<comm>[^[\]]{1,15})\[\d+\] bad frame in /,
    read: (groups) => signalled(': its signal frame is broken', { ...groups, signal: '11' }),
  },
  {
    // With kernel.print-fatal-signals.
    ...{ hints: ['potentially unexpected fatal signal '], weight: 'signal', platform },
    pattern: /^(?:(?<comm>[^/]{1,15})\/\d+: )?potentially unexpected fatal signal (?<signal>\d+)/,
    read: (groups) => signalled('', groups),
  },
  {
    // Where the kernel's own audit tells it; and of system calls that are forbidden.
    ...{ hints: ['audit: type=1701 ', 'audit: type=1326 '], weight: 'signal', platform },
    pattern: /audit: type=(?:1701|1326) .{0,300}\bcomm="(?<comm>[^"]{1,15})".{0,200}\bsig=(?<signal>[1-9]\d?)\b/,
    read: (groups) => signalled('', groups),
  },
  {
    // Those who kill in the kernel's place, before it has to: systemd-oomd, earlyoom, nohang.
    ...{ hints: ['due to memory pressure', 'systemd-oomd killed', 'ending SIG'], weight: 'signal', platform },
    pattern:
      /^Killed \S{0,200}\/(?<unit>[^\s/]{1,60})\.\w+ due to memory pressure|(?<name>[\w@.-]{1,60})\.service: systemd-oomd killed|^[Ss]ending SIG(?:TERM|KILL) to process \d+ .{0,40}"(?<comm>[^"]{1,15})".{0,40}(?:badness|oom_score)/,
    read: ({ unit, name = unit, comm = name }) => readOom({ comm }),
  },
  {
    ...{ hints: ['killed by the OOM killer', "Failed with result 'oom-kill'"], weight: 'signal', platform },
    pattern:
      /(?<comm>[\w@.-]{1,60})\.service: (?:A process of this unit has been killed by the OOM killer|Failed with result 'oom-kill')/,
    read: readOom,
  },
  {
    ...{ hints: ['BUG: K'], weight: 'soft', platform },
    pattern: /BUG: (?<what>K(?:ASAN|CSAN|MSAN|FENCE): [\w -]{1,60}?) in (?<fn>[\w.]+)/,
    read: ({ what = '', fn = '' }) => ({
      crashClass: 'kernel-fault',
      summary: `kernel fault: ${what} in ${fn}`,
      key: ['sanitizer', normalize(what), fn],
    }),
  },
  {
    ...{ hints: ['soft lockup', 'hard LOCKUP'], weight: 'soft', platform },
    pattern: /(?:soft lockup - CPU#\d+ stuck|hard LOCKUP on cpu \d+)[^[]{0,40}(?:\[(?<comm>[^\]:]+))?/,
    read: hang('a processor is locked up'),
  },
  {
    ...{ hints: [' blocked for more than '], weight: 'soft', platform },
    pattern: /INFO: task (?<comm>[^:]+):\d+ blocked for more than \d+ seconds/,
    read: hang('a task is blocked'),
  },
  {
    ...{ hints: ['detected stall', 'detected expedited stall', 'self-detected'], weight: 'soft', platform },
    pattern: /rcu: INFO: (?<comm>\w+) (?:self-)?detected (?:expedited )?stall/,
    read: hang('a processor is stalled'),
  },
  {
    ...{ hints: ['Attempted to kill init!'], weight: 'end', platform },
    pattern: kernel('Kernel panic - not syncing: Attempted to kill init! exitcode=0x(?<code>[0-9a-f]{1,8})'),
    read: readInit,
  },
];
