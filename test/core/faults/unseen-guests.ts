/**
 * Ends as people have shown them in bug reports, and as other releases of kernels and runtimes tell them: collected after
 * the signatures were written, classed by hand, in words of our own where a text is long.
 */
import type { Sample } from './consoles-of-guests.ts';
import { LINUX_BOOT, sample } from './consoles-of-guests.ts';

const NANOS: readonly Sample[] = [
  sample(
    'nanos netconsole',
    'kernel-fault',
    'no fault handler\ncpu 0000000000000000, state kernel, vector 000000000000000e\n interrupt: 000000000000000e (Page fault)\n     frame: ffffc00000a50000\n      type: kernel\nactive_cpu: 0000000000000000\n stack top: ffffc00000a57ff0\nerror code: 0000000000000003\n   address: ffffffff801242f7\n\n   rax: 0000000000000032\n   rsp: ffffc00000a57ba8\n   rip: ffffffff8003593a\t(netconsole_config + 00000000000000aa/00000000000003f7)\n',
  ),
  sample(
    'nanos of 2018',
    'null-deref',
    'assigned: 10.0.2.15\nnosyscall sched_getaffinity\nPage fault\ninterrupt: 000000000000000e\nframe: 0000000100200800\nerror code: 0000000000000000\naddress: 0000000000000002\nrax: 0000000000000ff0\nrsp: 000000010143fd88\nrip: 000000000040284c\nflags: 0000000000000087\nstack\n000000010143fe88\n',
  ),
  sample(
    'nanos virtqueue',
    'assert',
    '\nframe trace:\nffffc0000281fb20:   ffffffffc70c66dc\t(virtio_scsi_io_sg + 000000000000030c/0000000000000625)\nffffc0000281fbd0:   ffffffffc705f34c\t(read_extent + 00000000000000ac/00000000000000f9)\n\nkernel load offset ffffffff47000000\n\nloaded klibs: assertion buffer_extend(m->descv, sizeof(struct vring_desc)) failed at /home/ci/src/virtio/virtqueue.c:144 (IP 0xffffffffc70cbd11)  in alloc_descs()\n',
  ),
  sample(
    'nanos poll',
    'assert',
    'frame trace:\nffffc0001fe77f10:   ffffffff800c4ab2\t(poll_internal.constprop.0 + 0000000000000282/0000000000000d4a)\n\nloaded klibs:\nassertion w->retval++ < (w->poll_fds->length / sizeof(struct pollfd)) failed at /nanos/src/unix/poll.c:939 (IP 0xffffffff800c0c63)  in poll_notify(); halt\n',
  ),
  sample(
    'nanos objcache of 2019',
    'assert',
    'assertion f->avail <= o->objs_per_page failed in /go/src/nanos/src/runtime/heap/objcache.c: objcache_deallocate() on line 161; halt\n',
  ),
  sample(
    'nanos tuple',
    'assert',
    'ffff80000015fdb0:   ffffffff800379b9\t(get + 0000000000000029/0000000000000043)\nassertion 0 failed at /Users/x/nanos/src/runtime/tuple.c:29  in get(); halt\n',
  ),
  sample(
    'nanos trap',
    'abort',
    '[0.1] en1: assigned 10.0.0.4\n\n*** signal 5 received by tid 2, errno 0, code 1\n    fault address 0x40a2c7\n',
  ),
  sample('nanos elf', 'startup-config', 'program startup failed before exec: (result:unable to open program file /web)\n'),
];

const UNIKRAFT: readonly Sample[] = [
  sample(
    'unikraft java',
    'null-deref',
    'Powered by Unikraft Helene (0.18.0~20800b7)\n[    0.786024] ERR:  [libposix_process] Ignore updating resource 7: cur = 1024, max = 1024\n[    0.789125] CRIT: [libukvmem] Cannot handle read page fault at 0x0 (ec: 0x0): Bad address (14).\n[    0.791377] CRIT: [libkvmplat] RIP: 0000001016fd662d CS: 0008\n[    0.792902] CRIT: [libkvmplat] RSP: 0000001001b34f88 SS: 0010 EFLAGS: 00210246\n',
  ),
  sample(
    'unikraft stack end',
    'stack-overflow',
    'Powered by Unikraft Calypso (0.17.0~ddc5bf7)\n[    0.372817] CRIT: [libukvmem] Cannot handle write page fault at 0xffffc6e78 (ec: 0x2): Bad address (14).\n[    0.373627] CRIT: [libkvmplat] RIP: 00000010088df442 CS: 0008\n[    0.374045] CRIT: [libkvmplat] RSP: 0000000ffffc6e80 SS: 0010 EFLAGS: 00010246\n[    0.377741] CRIT: [libkvmplat] base is 0x10000eff00 caller is 0x10088e3d21\n',
  ),
  sample(
    'unikraft crash of 2025',
    'kernel-fault',
    'Powered by Unikraft Kiviuq (0.20.0~667ac92)\n[    0.807213] CRIT: Unikraft Crash - Kiviuq (0.20.0~667ac92)\n[    0.808226] CRIT:     _\n[    0.808308] CRIT:   cx xo\n[    0.808387] CRIT:   (|O|)/V\n[    0.808466] CRIT:\n[    0.808554] CRIT: Registers:\n[    0.808695] CRIT:  rip: 0008:000000100d84322a\n[    0.808850] CRIT:  rsp: 0010:00000010001827f0 eflags: 00010202 orig_rax: 00\n',
  ),
  sample(
    'unikraft no page left',
    'oom',
    'en1: Interface is up\n[    0.072413] CRIT: [libukvmem] Cannot handle write page fault at 0x401f9bffc (ec: 0x2): -12\n[    0.072922] CRIT: [libkvmplat] page fault handler returned error: -12\n[    0.073301] CRIT: [libkvmplat] Unhandled page fault vaddr=0x401f9bffc, error code=0x2\n[    0.073764] CRIT: [appelfloader] Unikraft crash - Telesto (0.16.2~3a5017b)\n[    0.074492] CRIT: [appelfloader] RIP: 0008:000000000013e35c\n',
  ),
  sample(
    'unikraft perl',
    'null-deref',
    'ioctl(0x3, 0x5401, ...) = Function not implemented (-38)\n[    1.016592] CRIT: [libkvmplat] Unhandled page fault vaddr=0, error code=0x10\n[    1.017321] CRIT: Unikraft crash - Pandora (0.15.0~689db89)\n[    1.017876] CRIT: Thread "perl"@0x40b5e7020\n[    1.018315] CRIT: RIP: 0008:0000000000000000\n',
  ),
  sample(
    'unikraft double fault',
    'kernel-fault',
    'SeaBIOS (version 1.15.0-1)\nBooting from ROM...\n[    0.127479] CRIT: [libkvmplat] <traps.c @   84> Unhandled Trap 8 (double fault), error code=0x0\n[    0.182522] CRIT: [libkvmplat] <trace.c @   41> RIP: 0000000000165d51 CS: 0008\n[    0.579651] CRIT: [libkvmplat] <traps.c @   90> Crashing\n',
  ),
  sample(
    'unikraft paging',
    'assert',
    'SeaBIOS (version 1.16.0-debian-1.16.0-5)\nBooting from ROM..[    0.000000] CRIT: [libkvmplat] <paging.c @  541> Assertion failure: ukarch_paddr_range_isvalid(pa)\n',
  ),
  sample(
    'unikraft gives up',
    'kernel-fault',
    '[    0.101923] CRIT: [libukallocpool] <pool.c @  390>  Unregistering from `lib/ukalloc` not implemented.\n [    0.102918] CRIT:  Unikraft Crash - Ijiraq (0.21.0)\n [    0.103969] CRIT:  Registers:\n [    0.104082] CRIT:   rip: 0008:0000000000113413\n',
  ),
  sample(
    'unikraft oom err',
    'oom',
    '[    1.0] ERR:  [libukallocbbuddy] <bbuddy.c @  516> 0x8000000: Cannot handle palloc request of order 11: Out of memory\n',
  ),
  sample(
    'unikraft root',
    'boot-failure',
    '[    0.2] ERR:  <init> [libvfscore] <automount.c @  210> Failed to mount /: Invalid argument (-22)\n[    0.2] ERR:  <init> [libukboot] <boot.c @  312> Init function at 0x10f2b0 returned error -22\n',
  ),
  sample(
    'unikraft elf',
    'startup-config',
    '[    0.3] ERR:  <init> [appelfloader] <main.c @  133> /web: Failed to parse ELF image: Exec format error (8)\n',
  ),
];

const SOLO5: readonly Sample[] = [
  sample(
    'solo5 stack end',
    'stack-overflow',
    'Solo5: Memory map: 512 MB addressable:\nSolo5: trap: type=#PF ec=0x3 rip=0x4653af rsp=0xa0000 rflags=0x10003\nSolo5: trap: cr2=0x9fff8\nSolo5: ABORT: cpu_x86_64.c:172: Fatal trap\n',
  ),
  sample('solo5 of 2016', 'assert', 'PANIC: virtio/virtio.c:843\nassertion failed: "len <= *n"\n'),
  sample(
    'solo5 exception of 2016',
    'illegal-instruction',
    'exception from rip=0x6f\nPANIC: interrupts.c:207\ngot unknown processor exception 0x6\n',
  ),
  sample(
    'solo5 by date',
    'segv',
    '[2022-02-23 12:34:30] Logfile Opened\n[2022-02-23 12:34:31] Solo5: Bindings version v0.6.9\n[2022-02-23 12:34:35] Solo5: trap: type=#GP ec=0x0 rip=0x10f2b4 rsp=0x3ffffdc0 rflags=0x10246\n[2022-02-23 12:34:35] Solo5: ABORT: cpu_x86_64.c:181: Fatal trap\n',
  ),
  sample(
    'mini-os null',
    'null-deref',
    'MirageOS booting...\nInitialising console ... done.\nPage fault at linear address 28, rip fcca1, regs 00000000002af988, sp 2afa30, our_sp 00000000002af950, code 0\nRIP: e030:[<00000000000fcca1>]\nRSP: e02b:00000000002afa30  EFLAGS: 00010002\n',
  ),
  sample(
    'mini-os memory',
    'oom',
    '[192.168.33.1:54955] TLS ok\nCannot handle page request order 8!\nFatal error: out of memory.\nMirage exiting with status 2\nDo_exit called!\nbase is 0x42fa30 caller is 0x21375f\nPage fault at linear address 10843c74843, rip 23bd37, regs 000000000042f948, sp 42f9f0, our_sp 000000000042f908, code 0\n',
  ),
  sample(
    'mirage of 2015',
    'nonzero-exit',
    'Netif.connect tap0: could not find device\nFatal error: exception Failure("\n\nnet_tap0: device tap0 not found (available = [  ])\n")\nRaised at file "src/core/lwt.ml", line 888, characters 22-23\nCalled from file "main.ml", line 59, characters 2-28\nMirage exiting with status 2\nDo_exit called!\n',
  ),
  sample('ocaml minor heap', 'oom', 'Fatal error: allocation failure during minor GC\nSolo5: solo5_abort() called\n'),
];

const panic = (why: string) =>
  `${LINUX_BOOT}[  121.9] Kernel panic - not syncing: ${why}\n[  121.9] CPU: 0 UID: 0 PID: 1 Comm: swapper/0 Not tainted 6.11.2-300.fc41.x86_64 #1\n`;

const LINUX: readonly Sample[] = [
  sample(
    'linux init of nixos',
    'nonzero-exit',
    '[    0.880011] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n[    0.880011]\n[    0.880011] CPU: 0 PID: 1 Comm: init Not tainted 4.4.2 #1-NixOS\n',
  ),
  sample(
    'linux no init',
    'kernel-panic',
    panic(
      'No working init found.  Try passing init= option to kernel. See Linux Documentation/admin-guide/init.rst for guidance.',
    ),
  ),
  sample('linux requested init', 'kernel-panic', panic('Requested init /sbin/tandem failed (error -2).')),
  sample('linux oom panic of choice', 'oom', panic('Out of memory: system-wide panic_on_oom is enabled')),
  sample('linux hung task panic', 'hang', panic('hung_task: blocked tasks')),
  sample('linux soft lockup panic', 'hang', panic('softlockup: hung tasks')),
  sample(
    'linux hard lockup',
    'hang',
    `${LINUX_BOOT}[   99.1] watchdog: Watchdog detected hard LOCKUP on cpu 0\n[   99.1] Kernel panic - not syncing: Hard LOCKUP\n`,
  ),
  sample('linux rcu panic', 'hang', panic('RCU Stall')),
  sample('linux canary', 'kernel-panic', panic('stack-protector: Kernel stack is corrupted in: start_kernel+0x5d0/0x5e0')),
  sample('linux machine check', 'kernel-panic', panic('Fatal machine check on current CPU')),
  sample(
    'linux opcode 6.10',
    'kernel-fault',
    '[ 3.1] Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI\n[ 3.1] RIP: 0010:nvme_irq+0x20/0x90 [nvme]\n',
  ),
  sample(
    'linux gpf 6.10',
    'kernel-fault',
    '[ 3.1] Oops: general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1] PREEMPT SMP NOPTI\n[ 3.1] RIP: 0010:kfree+0x20/0x90\n',
  ),
  sample('linux opcode of old', 'kernel-fault', '[ 3.1] invalid opcode: 0000 [#1] SMP\n[ 3.1] RIP: 0010:ena_probe+0x20/0x90\n'),
  sample('linux divide of old', 'kernel-fault', '[ 3.1] divide error: 0000 [#1] SMP PTI\n[ 3.1] RIP: 0010:tcp_ack+0x20/0x90\n'),
  sample(
    'linux guard page',
    'kernel-fault',
    '[ 3.1] BUG: TASK stack guard page was hit at ffffc90000567ff8 (stack is ffffc90000568000..ffffc9000056c000)\n[ 3.1] Oops: stack guard page: 0000 [#1] PREEMPT SMP\n[ 3.1] RIP: 0010:vsnprintf+0x20/0x90\n',
  ),
  sample(
    'linux double fault',
    'kernel-panic',
    '[ 3.1] traps: PANIC: double fault, error_code: 0x0\n[ 3.1] RIP: 0010:entry_SYSCALL_64+0x20/0x90\n[ 3.1] Kernel panic - not syncing: Fatal exception in interrupt\n',
  ),
  sample(
    'linux arm user access',
    'kernel-fault',
    '[ 3.1] Unable to handle kernel access to user memory outside uaccess routines at virtual address 0000000000000018\n[ 3.1] Internal error: Oops: 0000000096000005 [#1] SMP\n[ 3.1] pc : ena_down+0x20/0x90\n',
  ),
  sample(
    'linux arm bug',
    'kernel-fault',
    '[ 3.1] Internal error: Oops - BUG: 00000000f2000800 [#1] SMP\n[ 3.1] pc : ena_up+0x20/0x90\n',
  ),
  sample(
    'linux arm external abort',
    'kernel-fault',
    '[ 3.1] Internal error: synchronous external abort: 0000000096000210 [#1] SMP\n[ 3.1] pc : readl+0x20/0x90\n',
  ),
  sample(
    'linux list',
    'kernel-fault',
    '[ 3.1] list_del corruption. prev->next should be ffff8881, but was dead000000000100\n[ 3.1] ------------[ cut here ]------------\n[ 3.1] kernel BUG at lib/list_debug.c:53!\n',
  ),
  sample(
    'linux stalls',
    'hang',
    '[ 60.1] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n[ 60.1] rcu: \t1-...!: (1 GPs behind) idle=8c4/0/0x0\n',
  ),
  sample(
    'linux oom of old',
    'oom',
    '[ 9.1] Out of memory: Kill process 412 (web) score 912 or sacrifice child\n[ 9.1] Killed process 412 (web) total-vm:1048576kB, anon-rss:900000kB, file-rss:0kB\n',
  ),
  sample(
    'linux oom of a group',
    'oom',
    '[ 9.1] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/web,task_memcg=/web,task=web,pid=412,uid=0\n',
  ),
  sample(
    'linux systemd oom of a unit',
    'oom',
    "systemd[1]: web.service: A process of this unit has been killed by the OOM killer.\nsystemd[1]: web.service: Failed with result 'oom-kill'.\n",
  ),
  sample(
    'linux systemd no file',
    'startup-config',
    '(web)[412]: web.service: Failed at step EXEC spawning /usr/bin/web: No such file or directory\nsystemd[1]: web.service: Main process exited, code=exited, status=203/EXEC\n',
  ),
  sample(
    'linux null call',
    'null-deref',
    '[ 9.1] web[412]: segfault at 0 ip           (null) sp 00007ffcc1dd0e40 error 14 in web[400000+1000]\n',
  ),
  sample(
    'linux fatal signal',
    'segv',
    '[ 9.1] web/412: potentially unexpected fatal signal 11.\n[ 9.1] CPU: 0 PID: 412 Comm: web Not tainted 5.10.0\n[ 9.1] RIP: 0033:0x560b1c2a91c4\n',
  ),
  sample(
    'linux fatal abort',
    'abort',
    '[ 9.1] potentially unexpected fatal signal 6.\n[ 9.1] CPU: 0 PID: 412 Comm: web Not tainted 6.1.0\n[ 9.1] RIP: 0033:0x7f3c9e6a9e2c\n',
  ),
  sample(
    'linux bad frame',
    'segv',
    '[ 9.1] web[412] bad frame in rt_sigreturn frame:00007ffcc1dd0e40 ip:7f3c9e6a9e2c sp:7ffcc1dd0e48 orax:ffffffffffffffff in libc.so.6[7f3c9e628000+195000]\n',
  ),
  sample(
    'firmware of uefi',
    'boot-failure',
    'BdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x4,0x0): Not Found\nBdsDxe: No bootable option or device was found.\n',
  ),
  sample(
    'firmware of a bios',
    'boot-failure',
    'SeaBIOS (version 1.16.2)\nBooting from Hard Disk...\nBoot failed: not a bootable disk\n',
  ),
  sample(
    'syslinux kernel',
    'boot-failure',
    'SYSLINUX 6.04 EDD  Copyright (C) 1994-2015 H. Peter Anvin et al\nCould not find kernel image: linux\nboot: \n',
  ),
  sample(
    'grub kernel',
    'boot-failure',
    "error: file `/boot/vmlinuz-6.1.0' not found.\nerror: you need to load the kernel first.\n\nPress any key to continue...\n",
  ),
  sample(
    'dracut waits',
    'boot-failure',
    '[  191.2] dracut-initqueue[310]: Warning: dracut-initqueue: timeout, still waiting for following initqueue hooks:\n[  191.9] dracut-initqueue[310]: Warning: /dev/disk/by-uuid/6f1f does not exist\n',
  ),
  sample('debian waits', 'boot-failure', 'ALERT!  UUID=6f1f-11 does not exist.  Dropping to a shell!\n'),
  sample(
    'debian no init',
    'boot-failure',
    "mount: mounting /dev/vda on /root failed: Invalid argument\nTarget filesystem doesn't have requested /sbin/init.\nNo init found. Try passing init= bootarg.\n",
  ),
  sample(
    'arch waits',
    'boot-failure',
    "ERROR: device 'UUID=6f1f-11' not found. Skipping fsck.\nYou are now being dropped into an emergency shell.\n",
  ),
];

/** A second lot, tried once when the first was read right: 32 of 42 were. These were not. */
const SECOND: readonly Sample[] = [
  sample(
    'unikraft register',
    'null-deref',
    '[    0.512345] CRIT: <init> {r:0x1a2b3c,f:0x7ff000} [libukvmem] <pagefault.c @   43> Cannot handle exec page fault at 0x0 (ec: 0x10): Bad address (14).\n',
  ),
  sample(
    'linux kasan',
    'kernel-fault',
    '[ 3.1] BUG: KASAN: slab-use-after-free in nvme_irq+0x20/0x90\n[ 3.1] Read of size 8 at addr ffff888 by task web/412\n',
  ),
  sample('linux arm floating', 'arithmetic', '[ 5.5] web[55]: unhandled exception: FPE, ESR 0x00000000b2000000\n'),
  sample('linux fsck', 'boot-failure', '[ 5.5] /dev/nvme0n1p1: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n'),
  sample(
    'alpine waits',
    'boot-failure',
    "Mounting root: failed. \ninitramfs emergency recovery shell launched. Type 'exit' to continue boot\n",
  ),
  sample('efi stub', 'boot-failure', 'EFI stub: ERROR: Failed to load kernel!\n'),
  sample(
    'gunicorn',
    'startup-config',
    "ModuleNotFoundError: No module named 'app'\n[2026-03-01 10:11:12 +0000] [1] [ERROR] Reason: Worker failed to boot.\n",
  ),
  sample('redis memory', 'oom', '1:M 01 Mar 2026 10:11:12.000 # Out Of Memory allocating 1073741824 bytes!\n'),
  sample(
    'mongodb',
    'assert',
    '{"t":{"$date":"2026"},"s":"F","c":"-","id":23079,"ctx":"conn1","msg":"Invariant failure","attr":{"expr":"!_locked","file":"src/mongo/lock.cpp","line":31}}\n',
  ),
];

export const UNSEEN_GUESTS: readonly Sample[] = [...SECOND, ...NANOS, ...UNIKRAFT, ...SOLO5, ...LINUX];
