/** Kernels, firmware and boots that go no further: as `lot-servers.ts`. */
import { kernelOf, ours } from './lot-boots.ts';
import type { WholeConsole } from './whole-boots.ts';
import { AL, NEVER, RUNS, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const LOT_LINUX: readonly WholeConsole[] = list;
const UNBORN = { ...RUNS, wasHealthy: false };

const hung = (t: string, pid: string) =>
  `${AL}\n[  ${t}.565482] INFO: task jbd2/vda1:${pid} blocked for more than 122 seconds.\n[  ${t}.565737]       Not tainted 6.1.112 #1\n[  ${t}.567394] Kernel panic - not syncing: hung_task: blocked tasks\n[  ${t}.567533] CPU: 3 PID: 47 Comm: khungtaskd Not tainted 6.1.112 #1\n[  ${t}.568318] Call Trace:\n[  ${t}.568320]  <TASK>\n[  ${t}.568508]  dump_stack_lvl+0x34/0x48\n[  ${t}.568600]  panic+0x102/0x27b\n`;
add('hung task panic', 'hang', hung('243', '4049'), { same: [hung('911', '12')] });
add(
  'no killable',
  'oom',
  `${AL}\n[  811.0] systemd invoked oom-killer: gfp_mask=0x140dca, order=0, oom_score_adj=0\n[  811.4] Out of memory and no killable processes...\n[  811.5] Kernel panic - not syncing: System is deadlocked on memory\n`,
);
add(
  'no init',
  ['kernel-panic', 'boot-failure'],
  `${AL.slice(0, AL.indexOf('[    2.104'))}[    2.51] Kernel panic - not syncing: No working init found.  Try passing init= option to kernel. See Linux Documentation/admin-guide/init.rst for guidance.\n`,
  { end: NEVER },
);
add(
  'soft lockup panic',
  'hang',
  `${AL}\n[  340.1] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [web:412]\n[  340.1] Kernel panic - not syncing: softlockup: hung tasks\n`,
);
add(
  'rcu stall',
  'hang',
  `${AL}\n[  340.1] rcu: INFO: rcu_sched self-detected stall on CPU\n[  340.1] rcu: \t0-....: (5249 ticks this GP) idle=e0c/1/0x4000000000000000 softirq=1234/1234 fqs=2625\n`,
  { end: RUNS },
);
add(
  'stack protector',
  'kernel-panic',
  `${AL}\n[   41.1] Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: __schedule+0x8a1/0x8b0\n[   41.1] CPU: 0 PID: 88 Comm: web Not tainted 6.1.112 #1\n`,
);
add(
  'ext4 panic',
  'kernel-panic',
  `${AL}\n[  901.1] EXT4-fs error (device vda1): ext4_lookup:1855: inode #2: comm web: deleted inode referenced: 12\n[  901.2] Kernel panic - not syncing: EXT4-fs (device vda1): panic forced after error\n`,
);
add(
  'machine check',
  'kernel-panic',
  `${AL}\n[  901.1] mce: [Hardware Error]: CPU 2: Machine Check Exception: 5 Bank 4: b200000000070f0f\n[  901.2] Kernel panic - not syncing: Fatal machine check\n`,
);
add(
  'vmap stack',
  ['kernel-fault', 'stack-overflow'],
  `${AL}\n[   77.1] BUG: TASK stack guard page was hit at 00000000b0c1d2e3 (stack is 000000001f2e3d4c..0000000054c1d0e2)\n[   77.1] stack guard page: 0000 [#1] PREEMPT SMP NOPTI\n[   77.1] CPU: 0 PID: 412 Comm: web Not tainted 6.1.112 #1\n[   77.1] RIP: 0010:walk_tree+0x5/0x20 [tree]\n`,
);
add(
  'oomd',
  'oom',
  `${AL}\n[  901.1] systemd-oomd[412]: Killed /system.slice/web.service due to memory pressure for /system.slice being 71.30% > 60.00% for > 30s with reclaim activity\n[  901.2] systemd[1]: web.service: systemd-oomd killed 12 process(es) in this unit.\n[  901.3] systemd[1]: web.service: Main process exited, code=killed, status=9/KILL\n`,
);
add(
  'earlyoom',
  'oom',
  `${AL}\nMar 01 10:11:12 ip-10 earlyoom[311]: low memory! at or below SIGTERM limits: mem 10.00%, swap 10.00%\nMar 01 10:11:12 ip-10 earlyoom[311]: sending SIGTERM to process 812 uid 1000 "java": oom_score 900, VmRSS 1900 MiB, cmdline "java -jar app.jar"\n`,
);
add(
  'arm null',
  'null-deref',
  kernelOf(
    '[   12.1] web[412]: unhandled level 2 translation fault (11) at 0x00000010, esr 0x92000006\n[   12.1] potentially unexpected fatal signal 11.\ntandem: web: exit status 139 (SIGSEGV)\n',
  ),
);
const recursed = (at: string, ip: string, sp: string) =>
  kernelOf(
    `[ 2070.554617] web[2211]: segfault at ${at} ip ${ip} sp ${sp} error 6 in libwalk.so.8[7f684163d000+8e000] likely on CPU 0 (core 0, socket 0)\ntandem: web: exit status 139 (SIGSEGV)\n`,
  );
add('stack end', 'stack-overflow', recursed('7ffe67404a98', '00007f684168dc08', '00007ffe67404aa0'), {
  same: [recursed('7ffef400de78', '00007f684ac5dc08', '00007ffef400de80')],
});
add(
  'seccomp',
  'abort',
  kernelOf(
    '[   12.1] audit: type=1326 audit(1772359872.123:45): auid=4294967295 uid=0 gid=0 ses=4294967295 subj=unconfined pid=412 comm="web" exe="/srv/web" sig=31 arch=c000003e syscall=165 compat=0 ip=0x7f684168dc08 code=0x80000000\ntandem: web: exit status 159 (SIGSYS)\n',
  ),
);
add(
  'audit abend',
  'segv',
  `${AL}\n[   12.1] audit: type=1701 audit(1772359872.123:45): auid=4294967295 uid=0 gid=0 ses=4294967295 subj=unconfined pid=412 comm="web" exe="/srv/web" sig=11 res=1\n[   12.2] reboot: Power down\n`,
);
add(
  'coredump',
  'abort',
  `${AL}\nMar 01 10:11:12 ip-10 systemd-coredump[500]: Process 412 (web) of user 0 dumped core.\nMar 01 10:11:12 ip-10 systemd[1]: web.service: Main process exited, code=dumped, status=6/ABRT\nMar 01 10:11:12 ip-10 systemd[1]: web.service: Failed with result 'core-dump'.\n`,
);
add(
  'exec step',
  'startup-config',
  `${AL}\n[    4.1] systemd[412]: web.service: Failed at step EXEC spawning /srv/web: No such file or directory\n[    4.2] systemd[1]: web.service: Main process exited, code=exited, status=203/EXEC\n[    4.2] systemd[1]: web.service: Failed with result 'exit-code'.\n`,
  { end: NEVER },
);
add(
  'initramfs alert',
  'boot-failure',
  `[    0.000000] Linux version 6.1.0-18-cloud-amd64\n[    0.9] Run /init as init process\nBegin: Loading essential drivers ... done.\nBegin: Running /scripts/local-block ... done.\nGave up waiting for root file system device.  Common problems:\n - Boot args (cat /proc/cmdline)\nALERT!  UUID=5b4672e4-e92c-4648-b4dd-1496353e665d does not exist.  Dropping to a shell!\n\nBusyBox v1.35.0 (Debian 1:1.35.0-4+b3) built-in shell (ash)\n(initramfs) `,
  { end: UNBORN },
);
add(
  'grub device',
  'boot-failure',
  'SeaBIOS (version 1.16.2)\nBooting from Hard Disk...\nGRUB loading.\nWelcome to GRUB!\n\nerror: no such device: 5b4672e4-e92c-4648-b4dd-1496353e665d.\nEntering rescue mode...\ngrub rescue> ',
  { end: UNBORN },
);
add(
  'grub shell',
  'boot-failure',
  'BdsDxe: starting Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0)\nWelcome to GRUB!\n\n                             GNU GRUB  version 2.06\n\n   Minimal BASH-like line editing is supported. For the first word, TAB\n   lists possible command completions. Anywhere else TAB lists possible\n   device or file completions.\n\n\ngrub> ',
  { end: UNBORN },
);
add(
  'uefi nothing',
  'boot-failure',
  'UEFI firmware (version edk2-stable202408)\nBdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0): Not Found\nBdsDxe: No bootable option or device was found.\nBdsDxe: Press any key to enter the Boot Manager Menu.\n',
  { end: UNBORN },
);
add(
  'uefi shell',
  'boot-failure',
  'UEFI Interactive Shell v2.2\nEDK II\nUEFI v2.70 (EDK II, 0x00010000)\nMapping table\n     BLK0: Alias(s):\n          PciRoot(0x0)/Pci(0x3,0x0)\nPress ESC in 5 seconds to skip startup.nsh or any other key to continue.\nShell> ',
  { end: UNBORN },
);
add(
  'uefi fault',
  ['boot-failure', 'kernel-fault'],
  '!!!! X64 Exception Type - 0E(#PF - Page-Fault)  CPU Apic ID - 00000000 !!!!\nExceptionData - 0000000000000000  I:0 R:0 U:0 W:0 P:0 PK:0 SS:0 SGX:0\nRIP  - 000000007E9A1C2D, CS  - 0000000000000038, RFLAGS - 0000000000210246\nCR2  - 0000000000000018\n!!!! Find image based on IP(0x7E9A1C2D) grubx64.efi (ImageBase=000000007E99A000, EntryPoint=000000007E99B000) !!!!\n',
  { end: UNBORN },
);
add(
  'systemd freezes',
  ['boot-failure', 'kernel-panic'],
  `[    0.000000] Linux version 6.1.0-18-cloud-amd64\n[    3.1] systemd[1]: Failed to mount cgroup at /sys/fs/cgroup/systemd: Operation not permitted\n[!!!!!!] Failed to mount API filesystems.\n[    3.2] systemd[1]: Freezing execution.\n`,
  { end: UNBORN },
);
add(
  'cloud-init',
  ['boot-failure', 'startup-config'],
  `${AL.slice(0, AL.indexOf('\r\nAmazon'))}[    6.209014] cloud-init[509]: Cloud-init v. 23.4 running 'init-local' at Sun, 01 Mar 2026 10:11:12 +0000. Up 6.09 seconds.\n[    6.213503] cloud-init[509]: 2026-03-01 10:11:13,013 - util.py[WARNING]: failed stage init-local\n[    6.224405] cloud-init[509]: failed run of stage init-local\n[    6.225373] cloud-init[509]: ------------------------------------------------------------\n[    6.232045] cloud-init[509]: Traceback (most recent call last):\n[    6.232995] cloud-init[509]:   File "/usr/bin/cloud-init", line 520, in status_wrapper\n[    6.236208] cloud-init[509]:     ret = functor(name, args)\n[    6.240202] cloud-init[509]: IsADirectoryError: [Errno 21] Is a directory: '/var/lib/cloud/instance'\n[FAILED] Failed to start Initial cloud-init job (pre-networking).\nSee 'systemctl status cloud-init-local.service' for details.\n\nip-10 login: `,
  { end: UNBORN },
);
add(
  'init library',
  ['startup-config', 'boot-failure'],
  `[    0.000000] Linux version 6.1.0-18-cloud-amd64\n[    0.9] Run /sbin/init as init process\n/sbin/init: error while loading shared libraries: libsystemd-shared-252.so: cannot open shared object file: No such file or directory\n[    1.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00007f00\n`,
  { end: NEVER },
);
add(
  'init requested',
  ['boot-failure', 'kernel-panic', 'startup-config'],
  `[    0.000000] Linux version 6.1.0-18-cloud-amd64\n[    0.9] Run /srv/web as init process\n[    0.9] Kernel panic - not syncing: Requested init /srv/web failed (error -8).\n`,
  { end: NEVER },
);
add(
  'squashfs',
  'segv',
  ours(
    'web',
    135,
    '[   12.1] SQUASHFS error: xz decompression failed, data probably corrupt\n[   12.1] SQUASHFS error: Failed to read block 0x3a1f: -5\n',
  ),
);
