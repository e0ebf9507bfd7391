/** Ends as the kernels of guests show them. Written after the sources' format strings. */
import type { CrashClass } from '../../../core/faults/fault.ts';

export interface Sample {
  readonly name: string;
  readonly is: CrashClass;
  readonly text: string;
}

export const sample = (name: string, is: CrashClass, text: string): Sample => ({ name, is, text });

const NANOS_BOOT = '[0.104211] en1: assigned 10.0.3.17\n[0.231002] en1: assigned FE80::440:21FF:FE5C:1\nserving on 8080\n';

/** What Nanos prints after its first line. */
export const nanosDump = ({ address = '0', vector = 'e', name = 'Page fault', type = 'thread', rip = '40a2c7' } = {}) => `
*** Thread context:
lastvector: ${vector.padStart(16, '0')} (${name})
     frame: ffffc00002a41000
      type: ${type}
active_cpu: 0000000000000000
 stack top: 0000000000000000
error code: 0000000000000006
   address: ${address.padStart(16, '0')}

   rax: 0000000000000000
   rsp: 00007ffff7a2e440
   rip: ${rip.padStart(16, '0')}
rflags: 0000000000010202

frame trace:
00007ffff7a2e460:   000000000040b1f0

kernel load offset 0000000000000000

loaded klibs: tls@0xffffffff80300000/0x97000

   core dump
`;

export const nanosSignal = (signal: number, address?: string, rip?: string) =>
  `${NANOS_BOOT}\n*** signal ${signal} received by tid 2, errno 0, code 1\n` +
  (address === undefined ? '' : `    fault address 0x${address}\n`) +
  nanosDump({ ...(address && { address }), ...(rip && { rip }) });

const NANOS: readonly Sample[] = [
  sample('nanos null', 'null-deref', nanosSignal(11, '0')),
  sample('nanos null member', 'null-deref', nanosSignal(11, '1f8')),
  sample('nanos segv', 'segv', nanosSignal(11, 'deadbeef000')),
  sample('nanos stack end', 'stack-overflow', nanosSignal(11, '7ffff7a2d438')),
  sample('nanos bus', 'segv', nanosSignal(7, '100200000')),
  sample('nanos abort', 'abort', nanosSignal(6)),
  sample('nanos fpe', 'arithmetic', nanosSignal(8, '40a2c7')),
  sample('nanos ill', 'illegal-instruction', nanosSignal(4, '40a2c7')),
  sample(
    'nanos c assert',
    'assert',
    `server: queue.c:41: push: Assertion \`q->used < q->size' failed.\n${nanosSignal(6).slice(NANOS_BOOT.length)}`,
  ),
  sample('nanos heap', 'heap-corruption', `malloc(): corrupted top size\n${nanosSignal(6).slice(NANOS_BOOT.length)}`),
  sample('nanos older abort', 'segv', `${NANOS_BOOT}Process abort: Unhandled SIGSEGV received by thread 4\n`),
  sample(
    'nanos older page fault',
    'kernel-fault',
    'Page fault outside of thread context (vaddr 0x0)\n interrupt: 000000000000000e\n     frame: ffffc00001b10000\n      type: kernel\n',
  ),
  sample(
    'nanos no handler',
    'kernel-fault',
    `no fault handler\ncpu 0000000000000001, state interrupt, vector 000000000000000d\n${nanosDump({ type: 'kernel', vector: 'd', name: 'General protection' })}`,
  ),
  sample('nanos kernel divide', 'kernel-fault', '\nDivide by zero occurs in kernel mode\ncpu: 0, context type: 1\n'),
  sample('nanos kernel bug', 'kernel-fault', `\n\ncpu: 3, context type: 2\n${nanosDump({ type: 'kernel' })}`),
  sample(
    'nanos interrupt',
    'kernel-fault',
    'exception during interrupt handling\ncpu 0000000000000000, state kernel, vector 0000000000000006\n',
  ),
  sample('nanos vector ud', 'illegal-instruction', nanosDump({ vector: '6', name: 'Invalid opcode (UD2)' })),
  sample('nanos vector de', 'arithmetic', nanosDump({ vector: '0', name: 'Divide by 0' })),
  sample('nanos interrupted', 'hang', `${NANOS_BOOT}${nanosDump({ vector: '2', name: 'NMI' })}`),
  sample(
    'nanos kernel assert',
    'assert',
    'assertion size > 0 failed at /nanos/src/kernel/page.c:314 (IP 0xffffffff8000beef)  in map_pages()\n',
  ),
  sample('nanos kernel oom', 'oom', '[3.000417] Out of memory: cannot allocate 2097152 bytes\n'),
  sample('nanos user oom', 'oom', '[71.204417] page fault: out of memory, program killed\n'),
  sample('nanos cow oom', 'oom', 'cannot get physical page for vaddr 0x7f0010002000, ctx ffffc000010; OOM\n'),
  sample('nanos stack check', 'stack-overflow', '[9.000001] stack check failed on cpu 1\n'),
  sample('nanos startup', 'startup-config', 'program startup failed before exec: (result:invalid ELF)\n'),
  sample('nanos filesystem', 'boot-failure', 'unable to open filesystem: (result:read error)\n'),
  sample('nanos sigterm', 'sigterm', `${NANOS_BOOT}\n   terminate\n`),
  sample(
    'nanos arm',
    'null-deref',
    '\n*** signal 11 received by tid 2, errno 0, code 1\n    fault address 0x8\n\n*** Thread context:\n     frame: ffffc0000\n      type: thread\n\n      spsr: 0000000060000000\n       esr: 92000046 data abort in el0 write\n       far: 0000000000000008\n       elr: 0000000000401a2c\n',
  ),
];

const UNIKRAFT_BOOT = `Powered by
o.   .o       _ _               __ _
Oo   Oo  ___ (_) | __ __  __ _ ' _) :_
oO   oO ' _ \`| | |/ /  _)' _\` | |_|  _)
oOo oOO| | | | |   (| | | (_) |  _) :_
 OoOoO ._, ._:_:_,\\_._,  .__,_:_, \\___)
                  Calypso 0.17.0~b1b2c3d4
`;

const UNIKRAFT: readonly Sample[] = [
  sample(
    'unikraft page fault',
    'null-deref',
    `${UNIKRAFT_BOOT}\u001b[0m[    0.413207] \u001b[31mCRIT:\u001b[0m [libukvmem] <pagefault.c @   43> Cannot handle read page fault at 0x18 (ec: 0x0): Bad address (14).\n[    0.413999] CRIT: [libkvmplat] <trace.c @   41> RIP: 000000000010a3f2 CS: 0008\n[    0.42] CRIT: [libkvmplat] <traps.c @  113> Crashing\n`,
  ),
  sample(
    'unikraft page fault far',
    'segv',
    '[    0.2] CRIT: [libkvmplat] Unhandled page fault vaddr=0x7fff00001000, error code=0x2\n',
  ),
  sample(
    'unikraft crash screen',
    'null-deref',
    '[    2.016592] CRIT: [libkvmplat] Unhandled page fault vaddr=8, error code=0x10\n[    2.017321] CRIT: Unikraft crash - Calypso (0.17.0~1a2b3c4)\n',
  ),
  sample('unikraft banner', 'kernel-fault', '[    0.5] CRIT: [appelfloader] Unikraft crash - Epimetheus (0.18.0)\n'),
  sample(
    'unikraft gp',
    'segv',
    '[    0.7] CRIT: [libkvmplat] <traps.c @   84> Unhandled Trap 13 (general protection), error code=0x0\n',
  ),
  sample('unikraft ud', 'illegal-instruction', 'CRIT: [libkvmplat] Unhandled Trap 6 (invalid opcode), error code=0x0\n'),
  sample(
    'unikraft de',
    'arithmetic',
    '[   10.7] CRIT: <init> [libkvmplat] <traps.c @   84> Unhandled Trap 0 (divide error), error code=0x0\n',
  ),
  sample(
    'unikraft arm',
    'null-deref',
    '[    0.1] CRIT: [libkvmplat] <traps_arm64.c @  193> EL1 sync trap caught\n[    0.1] CRIT: [libkvmplat] <traps_arm64.c @  145>  SP: 0x0 ESR_EL1: 0x0000000096000005\n[    0.1] CRIT: [libkvmplat] <traps_arm64.c @  146>  ELR_EL1: 0x000000004012a0 FAR_EL1: 0x0000000000000010\n',
  ),
  sample('unikraft assert', 'assert', '[    0.0] CRIT: [libuksched] <sched.c @  96> Assertion failure: t->sched == NULL\n'),
  sample('unikraft ssp', 'stack-overflow', '[    1.0] CRIT: [libuksp] <ssp.c @  55> Stack smashing detected. SP 0x1fff0\n'),
  sample(
    'unikraft oom',
    'oom',
    '[    1.0] Warn: [libukallocbbuddy] <bbuddy.c @  516> 0x8000000: Cannot handle palloc request of order 11: Out of memory\n',
  ),
  sample('unikraft returned', 'nonzero-exit', '[    1.0] Info: [libukboot] <boot.c @  464> main returned 3\n'),
  sample('unikraft done', 'clean-exit', '[    1.0] Info: [libukboot] <boot.c @  464> main returned 0\n'),
];

const SOLO5_BOOT = `            |      ___|
  __|  _ \\  |  _ \\ __ \\
\\__ \\ (   | | (   |  ) |
____/\\___/ _|\\___/____/
Solo5: Bindings version v0.9.0
Solo5: Memory map: 512 MB addressable:
2026-03-01T10:11:12-00:00: [INFO] [application] listening
`;

const SOLO5: readonly Sample[] = [
  sample(
    'solo5 page fault',
    'null-deref',
    `${SOLO5_BOOT}Solo5: trap: type=#PF ec=0x2 rip=0x10f2b4 rsp=0x1ffffdc0 rflags=0x10246\nSolo5: trap: cr2=0x8\nSolo5: ABORT: cpu_x86_64.c:181: Fatal trap\n`,
  ),
  sample(
    'solo5 gp',
    'segv',
    'Solo5: trap: type=#GP ec=0x0 rip=0x10f2b4 rsp=0x1ffffdc0 rflags=0x10246\nSolo5: ABORT: cpu_x86_64.c:181: Fatal trap\n',
  ),
  sample('solo5 ud', 'illegal-instruction', 'Solo5: trap: type=#UD ec=0x0 rip=0x10f2b4 rsp=0x1ffffdc0 rflags=0x10246\n'),
  sample('solo5 de', 'arithmetic', 'Solo5: trap: type=#DE ec=0x0 rip=0x10f2b4 rsp=0x1ffffdc0 rflags=0x10246\n'),
  sample('solo5 arm', 'kernel-fault', 'Solo5: Trap: EL1 Invalid IRQ caught\n'),
  sample('solo5 assert', 'assert', "Solo5: ABORT: virtio_net.c:201: Assertion `len <= PKT_BUFFER_LEN' failed\n"),
  sample('solo5 corruption', 'stack-overflow', 'Solo5: ABORT: Stack corruption detected\n'),
  sample('solo5 abort', 'abort', 'Solo5: ABORT: pci.c:60: no such device\n'),
  sample('solo5 abort call', 'abort', `${SOLO5_BOOT}Solo5: solo5_abort() called\n`),
  sample('solo5 exit', 'nonzero-exit', `${SOLO5_BOOT}Solo5: solo5_exit(1) called\n`),
  sample('solo5 clean', 'clean-exit', `${SOLO5_BOOT}Solo5: solo5_exit(0) called\n`),
  sample('mirage arguments', 'startup-config', 'unikernel: required option --ipv4 is missing\nSolo5: solo5_exit(64) called\n'),
  sample(
    'mirage exception',
    'nonzero-exit',
    `${SOLO5_BOOT}Fatal error: exception Failure("no lease")\nRaised at Stdlib.failwith in file "stdlib.ml", line 29, characters 17-33\nCalled from Dune__exe__Main.start in file "src/main.ml", line 42, characters 6-40\nSolo5: solo5_exit(2) called\n`,
  ),
  sample('mirage memory', 'oom', `${SOLO5_BOOT}Fatal error: exception Out_of_memory\nSolo5: solo5_exit(2) called\n`),
  sample('mirage stack', 'stack-overflow', 'Fatal error: exception Stack_overflow\n'),
  sample(
    'mirage assert',
    'assert',
    'Fatal error: exception File "src/main.ml", line 8, characters 2-8: Assertion failed\n'.replace(
      'File',
      'Assert_failure File',
    ),
  ),
];

const OSV: readonly Sample[] = [
  sample(
    'osv assert',
    'assert',
    'OSv v0.57.0-12-gabc\nAssertion failed: !_queue.empty() (core/net_channel.cc: net_channel::pop(): 88)\n\n[backtrace]\n0x0000000040218fdc <__assert_fail+28>\n0x00000000403ed68c <net_channel::pop()+60>\n',
  ),
  sample(
    'osv page fault',
    'null-deref',
    'OSv v0.57.0\npage fault outside application, addr: 0x0000000000000020\n\n[backtrace]\n0x0000000040340b5c <page_fault+204>\n',
  ),
  sample('osv oom', 'oom', 'OSv v0.57.0\nOut of memory: could not reclaim any further. Current memory: 2048 Kb\n'),
  sample('osv abort', 'abort', 'OSv v0.57.0\nAborted\n\n[backtrace]\n0x00000000402 <x>\n'),
];

export const LINUX_BOOT = `[    0.000000] Linux version 6.1.0-18-cloud-amd64 (debian-kernel@lists.debian.org) (gcc-12) #1 SMP
[    0.000000] Command line: console=ttyS0 loglevel=7
[    1.204421] EXT4-fs (nvme0n1p1): mounted filesystem
`;

const OOPS = `[  301.114201] Modules linked in: ena nvme
[  301.114202] CPU: 1 PID: 0 Comm: swapper/1 Not tainted 6.1.0-18-cloud-amd64 #1
[  301.114203] RIP: 0010:ena_clean_tx_irq+0x1a7/0x3b0 [ena]
[  301.114204] Call Trace:
[  301.114205]  ena_io_poll+0x3f/0x150 [ena]
[  301.114206]  ? srso_return_thunk+0x5/0x5f
[  301.114207]  __napi_poll+0x28/0x1b0
`;

const LINUX: readonly Sample[] = [
  sample(
    'linux segfault',
    'null-deref',
    `${LINUX_BOOT}[   61.31] web[412]: segfault at 10 ip 0000560b1c2a91c4 sp 00007ffcc1 error 4 in web[560b1c2a9000+4000] likely on CPU 0 (core 0, socket 0)\n`,
  ),
  sample(
    'linux segv',
    'segv',
    `${LINUX_BOOT}[   61.31] web[412]: segfault at 7f12deadbeef ip 0000560b1c2a91c4 sp 00007ffcc1dd0 error 6 in web[11c4,560b1c2a9000+4000]\n`,
  ),
  sample(
    'linux stack end',
    'stack-overflow',
    '[ 1.5] rec[99]: segfault at 7ffc10ff8ff8 ip 0000560b1c2a9139 sp 00007ffc10ff9000 error 6 in rec[560b1c2a9000+1000]\n',
  ),
  sample(
    'linux gp',
    'segv',
    '[ 5.5] traps: web[55] general protection fault ip:560b1c2a91c4 sp:7ffc10 error:0 in web[560b1c2a9000+9a000]\n',
  ),
  sample(
    'linux ud',
    'illegal-instruction',
    '[ 5.5] traps: web[55] trap invalid opcode ip:560b1c2a91c4 sp:7ffc10 error:0 in web[560b1c2a9000+9a000]\n',
  ),
  sample(
    'linux de',
    'arithmetic',
    '[ 5.5] traps: web[55] trap divide error ip:560b1c2a91c4 sp:7ffc10 error:0 in web[560b1c2a9000+9a000]\n',
  ),
  sample(
    'linux arm',
    'null-deref',
    '[ 5.5] web[55]: unhandled level 2 translation fault (11) at 0x00000010, esr 0x92000006, in web[aaaad7a10000+4000]\n',
  ),
  sample(
    'linux oom',
    'oom',
    `${LINUX_BOOT}[  55.1] web invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=0\n[  55.2] Out of memory: Killed process 412 (web) total-vm:1048576kB, anon-rss:900000kB\n`,
  ),
  sample(
    'linux arm newer',
    'segv',
    '[ 5.5] web[55]: unhandled exception: DABT (lower EL), ESR 0x0000000092000046, level 2 translation fault in web[aaaad7a10000+4000]\n',
  ),
  sample('linux arm undefined', 'illegal-instruction', '[ 5.5] web[55]: undefined instruction: pc=0000aaaad7a10744\n'),
  sample(
    'linux cgroup oom',
    'oom',
    '[ 9.1] Memory cgroup out of memory: Killed process 31 (node) total-vm:1048576kB, anon-rss:900000kB\n',
  ),
  sample('linux oom panic', 'oom', '[ 9.1] Kernel panic - not syncing: System is deadlocked on memory\n'),
  sample(
    'linux oops',
    'kernel-fault',
    `[  301.11] BUG: kernel NULL pointer dereference, address: 0000000000000028\n[  301.114200] Oops: 0000 [#1] PREEMPT SMP NOPTI\n${OOPS}`,
  ),
  sample(
    'linux oops panic',
    'kernel-panic',
    `[  301.11] BUG: unable to handle page fault for address: ffffb1c2000a91c4\n[  301.114200] Oops: 0002 [#1] PREEMPT SMP\n${OOPS}[  301.9] Kernel panic - not syncing: Fatal exception in interrupt\n[  302.0] ---[ end Kernel panic - not syncing: Fatal exception in interrupt ]---\n`,
  ),
  sample(
    'linux gpf',
    'kernel-fault',
    `[ 3.1] general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1] SMP PTI\n${OOPS}`,
  ),
  sample(
    'linux bug at',
    'kernel-fault',
    `[ 3.1] ------------[ cut here ]------------\n[ 3.1] kernel BUG at mm/slub.c:448!\n${OOPS}`,
  ),
  sample(
    'linux arm oops',
    'kernel-fault',
    '[ 3.1] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008\n[ 3.1] Internal error: Oops: 96000005 [#1] SMP\n[ 3.1] pc : nvme_irq+0x20/0x90\n',
  ),
  sample(
    'linux panic',
    'kernel-panic',
    `${LINUX_BOOT}[    1.9] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(259,1)\n`,
  ),
  sample('linux interrupted', 'hang', `${LINUX_BOOT}[  99.9] Kernel panic - not syncing: NMI: Not continuing\n`),
  sample('linux lockup', 'hang', '[ 88.1] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [web:412]\n'),
  sample('linux hung task', 'hang', '[ 363.1] INFO: task web:412 blocked for more than 120 seconds.\n'),
  sample('linux rcu', 'hang', '[ 60.1] rcu: INFO: rcu_sched self-detected stall on CPU\n'),
  sample(
    'linux init segv',
    'segv',
    `${LINUX_BOOT}[    4.2] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000008b\n[    4.3] ---[ end Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000008b ]---\n`,
  ),
  sample(
    'linux init status',
    'nonzero-exit',
    `${LINUX_BOOT}[    4.2] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000300\n`,
  ),
  sample(
    'linux systemd segv',
    'segv',
    "[ 20.1] systemd[1]: web.service: Main process exited, code=dumped, status=11/SEGV\n[ 20.1] systemd[1]: web.service: Failed with result 'core-dump'.\n",
  ),
  sample(
    'linux systemd exit',
    'nonzero-exit',
    'Mar 01 10:11:12 ip-10-0-0-4 systemd[1]: web.service: Main process exited, code=exited, status=3/NOTIMPLEMENTED\n',
  ),
  sample(
    'linux systemd exec',
    'startup-config',
    '[ 20.1] systemd[1]: web.service: Main process exited, code=exited, status=203/EXEC\n',
  ),
  sample(
    'linux systemd oom',
    'oom',
    "[ 20.1] systemd[1]: web.service: Main process exited, code=killed, status=9/KILL\n[ 20.1] systemd[1]: web.service: Failed with result 'oom-kill'.\n",
  ),
  sample('linux systemd term', 'sigterm', '[ 20.1] systemd[1]: web.service: Main process exited, code=killed, status=15/TERM\n'),
  sample('linux initramfs', 'boot-failure', `${LINUX_BOOT}Gave up waiting for root file system device.\n`),
  sample(
    'no disk',
    'boot-failure',
    'SeaBIOS (version rel-1.16)\nBooting from Hard Disk...\nBoot failed: could not read the boot disk\nNo bootable device.\n',
  ),
];

export const GUESTS: readonly Sample[] = [...NANOS, ...UNIKRAFT, ...SOLO5, ...OSV, ...LINUX];
