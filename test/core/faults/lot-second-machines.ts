/** Kernels, unikernels and healthy machines of the second lot. */
import { kernelOf, ours } from './lot-boots.ts';
import type { WholeConsole } from './whole-boots.ts';
import { AL, NANOS, NEVER, OSV, RUNS, SOLO5, UK, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const LOT_SECOND_MACHINES: readonly WholeConsole[] = list;
const UNBORN = { ...RUNS, wasHealthy: false };
const OFF = ['unknown', 'clean-exit', 'sigterm'] as const;

add(
  'xfs shutdown',
  ['boot-failure', 'startup-config'],
  `[    0.000000] Linux version 5.10.19-200.fc33.x86_64\n[   10.642843] XFS (vda4): metadata I/O error in "xfs_read_agf+0x77/0xe0 [xfs]" at daddr 0x387601 len 1 error 74\n[   10.650680] XFS (vda4): Corruption of in-memory data detected.  Shutting down filesystem\n[   10.679940] ignition-ostree-mount-sysroot[521]: mount: /sysroot: mount(2) system call failed: Structure needs cleaning.\n[   10.687108] systemd[1]: ignition-ostree-mount-firstboot-sysroot.service: Main process exited, code=exited, status=32/n/a\n[   10.691301] systemd[1]: ignition-ostree-mount-firstboot-sysroot.service: Failed with result 'exit-code'.\nGenerating "/run/initramfs/rdsosreport.txt"\n\nEntering emergency mode. Exit the shell to continue.\n`,
  { end: UNBORN },
);
add(
  'switch root',
  ['boot-failure', 'kernel-panic', 'startup-config', 'nonzero-exit'],
  `[    0.000000] Linux version 4.4.23\nmounting /dev/disk/by-label/nixos on /...\nswitch_root: can't execute '/nix/store/8h3n6wvijscskg4lp2a6x3jrxfvfh50r-nixos/init': No such file or directory\n[   12.427694] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n`,
  { end: NEVER },
);
add(
  'init segv',
  'segv',
  `[    0.000000] Linux version 4.4.0\n[   14.478546] init[1]: segfault at 7fff2000 ip 00007f1a2c3d4e5f sp 00007ffc00001000 error 4 in libc.so.6[7f1a2c300000+1c0000]\n[   14.478600] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n`,
);
const nvme = (t: string) =>
  `${AL}\n[ ${t}.1] nvme nvme0: I/O 512 QID 2 timeout, aborting\n[ ${t}.2] nvme nvme0: Abort status: 0x0\n[ ${t}.9] INFO: task kworker/u8:2:77 blocked for more than 122 seconds.\n`;
add('nvme stall', 'hang', nvme('301'), { end: RUNS });
add(
  'lockup panic nmi',
  'hang',
  `${AL}\n[  340.1] NMI watchdog: Watchdog detected hard LOCKUP on cpu 1\n[  340.2] Kernel panic - not syncing: Hard LOCKUP\n`,
);
const usercopy = (cpu: string) =>
  `${AL}\n[   41.1] usercopy: Kernel memory exposure attempt detected from SLUB object 'kmalloc-64' (offset 0, size 128)!\n[   41.1] ------------[ cut here ]------------\n[   41.1] kernel BUG at mm/usercopy.c:102!\n[   41.1] invalid opcode: 0000 [#1] PREEMPT SMP NOPTI\n[   41.1] CPU: ${cpu} PID: 88 Comm: web Not tainted 6.1.112 #1\n`;
add('usercopy', 'kernel-fault', usercopy('0'), { same: [usercopy('3')] });
add(
  'arm sp',
  ['segv', 'abort'],
  kernelOf(
    '[   12.1] web[412]: unhandled exception: SP Alignment, ESR 0x9a000000, SP/PC alignment exception in web[400000+1000]\ntandem: web: exit status 135 (SIGBUS)\n',
  ),
);
add(
  'divide trap',
  'arithmetic',
  kernelOf(
    '[   12.1] traps: web[412] trap divide error ip:55d8d1b2a1eb sp:7ffd3c2b1a00 error:0 in web[55d8d1b2a000+1000]\n[   12.1] potentially unexpected fatal signal 8.\ntandem: web: exit status 136 (SIGFPE)\n',
  ),
);
const cg = (pid: string, rss: string) =>
  kernelOf(
    `[  811.0] web invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n[  811.2] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/web,task_memcg=/web,task=web,pid=${pid},uid=0\n[  811.2] Memory cgroup out of memory: Killed process ${pid} (web) total-vm:${rss}0kB, anon-rss:${rss}kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:400kB oom_score_adj:0\ntandem: web: exit status 137 (SIGKILL)\n`,
  );
add('memcg', 'oom', cg('412', '190000'), { same: [cg('9', '77')] });
add(
  'grub file',
  'boot-failure',
  "Booting `Amazon Linux (6.1.112)'\n\nerror: ../../grub-core/fs/fshelp.c:257:file `/boot/vmlinuz-6.1.112' not found.\nerror: ../../grub-core/loader/i386/linux.c:1417:you need to load the kernel first.\n\nPress any key to continue...\n",
  { end: UNBORN },
);
add(
  'isolinux',
  'boot-failure',
  'SeaBIOS (version 1.16.3-debian-1.16.3-2)\n\n\niPXE (http://ipxe.org) 00:03.0 CA00 PCI2.10 PnP PMM+3EFCFAB0+3EF0FAB0 CA00\n\n\nBooting from Hard Disk...\nBoot failed: could not read the boot disk\n\nNo bootable device.\n',
  { end: UNBORN },
);
add(
  'secure boot',
  'boot-failure',
  'UEFI firmware (version 2024.02-2)\nBdsDxe: loading Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0)\nBdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0): Access Denied\nBdsDxe: No bootable option or device was found.\n',
  { end: UNBORN },
);
add(
  'alpine init',
  'boot-failure',
  `[    0.000000] Linux version 6.6.41-0-virt\n * Mounting root: failed.\nmount: mounting UUID=5b4672e4 on /sysroot failed: No such file or directory\nMounting root failed.\ninitramfs emergency recovery shell launched. Type 'exit' to continue boot\nsh: can't access tty; job control turned off\n`,
  { end: UNBORN },
);

add(
  'nanos python',
  'null-deref',
  `assigned: 10.0.2.15\nunix_fault_page error: no vmap found for vaddr 0xfb8\nUnhandled: 000000000000000e\nPage fault\ninterrupt: 000000000000000e\nframe: 0000000100201c00\nerror code: 0000000000000000\naddress: 0000000000000fb8\nrax: 0000000000000064\nrsp: 00000000709fcc10\nrip: 000000000059c34b\nflags: 0000000000000002\nstack trace:\nhalt\nexit status 255\n`,
);
add(
  'nanos map',
  'kernel-fault',
  `assigned: 10.0.2.15\nno fault handler\nPage fault\ninterrupt: 000000000000000e\nframe: 0000000100c00700\nerror code: 0000000000000000\naddress: 0000000005a00148\nrdi: 000000007f0303c0\t(bootstrap_region + 0000000000000000/0000000000200000)\nrip: 000000007f01683e\t(force_entry + 0000000000000096/0000000000000172)\n`,
  { end: NEVER },
);
const nanosSeg = (tid: string, at: string) =>
  `${NANOS}serving\n*** signal 11 received by tid ${tid}, errno 0, code 1\n    fault address 0x${at}\n\nlastvector: 000000000000000e (Page Fault)\n     frame: ffffc0000180b000\n      type: thread\nerror code: 0000000000000004\n   address: ${at.padStart(16, '0')}\n\n       rip: 00005601a2b3c4d5\n       rsp: 00007ffdeadb1000\n`;
add('nanos segv', 'segv', nanosSeg('2', '7f00deadb000'), { same: [nanosSeg('7', '7f00deadb000')] });
add(
  'unikraft arm',
  'segv',
  `${UK}[    0.080626] CRIT: [libkvmplat] <trap.c @  66> EL1 sync trap caught\n[    0.080700] CRIT: [libkvmplat] <trap.c @  12> \t SP       : 0x0000000047fffe10\n[    0.080710] CRIT: [libkvmplat] <trap.c @  13> \t ESR_EL1  : 0x0000000096000045\n[    0.080720] CRIT: [libkvmplat] <trap.c @  14> \t ELR_EL1  : 0x0000000040104a2c\n[    0.080740] CRIT: [libkvmplat] <trap.c @  15> \t FAR_EL1  : 0x00000000deadb000\n`,
);
add(
  'unikraft gpf',
  'segv',
  `${UK}[    0.127479] CRIT: [libkvmplat] <traps.c @   84> Unhandled Trap 13 (general protection), error code=0x0\n[    0.182522] CRIT: [libkvmplat] <trace.c @   41> RIP: 0000000000165d51 CS: 0008\n`,
);
add('solo5 assert', 'assert', `${SOLO5}Solo5: ABORT: net.c:88: Assertion \`len <= 1514' failed\nSolo5: Halted\n`);
add(
  'mirage sigterm',
  ['nonzero-exit', 'abort'],
  `${SOLO5}2026-03-01 10:11:12 -00:00: ERR [application] main: (Failure "no route to 10.0.0.1")\nFatal error: exception Stdlib.Exit\nSolo5: solo5_exit(2) called\n`,
);
add('mirage stack', 'stack-overflow', `${SOLO5}Fatal error: exception Stack_overflow\nSolo5: solo5_exit(2) called\n`);
add(
  'osv abort',
  'abort',
  `${OSV}Aborted\n\n[backtrace]\n0x0000000040238949 <abort+24>\n0x00000000402faf97 <osv::handle_mmap_fault(unsigned long, int, exception_frame*)+41>\n0x000010000840f45c <serve+41>\n`,
);
add('osv module', 'startup-config', `${OSV}Failed to load object: /server.so. Powering off.\n`, { end: NEVER });
add('hermit panic', 'abort', `[0][INFO] Welcome to Hermit 0.8.0\n[0][PANIC] panicked at src/main.rs:9:5:\nno route\n`);
add(
  'rumprun go',
  'abort',
  `=== calling "web.bin" main() ===\npanic: no route\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/main.go:9 +0x1d\n\n=== main() of "web.bin" returned 2 ===\n`,
);

const words = `2026-03-01T10:11:12Z INFO  crawler: stored page title="Segmentation fault (core dumped) - how to fix"\n2026-03-01T10:11:13Z INFO  search: q='kernel panic' took=12ms hits=3\n2026-03-01T10:11:14Z ERROR mailer: delivery failed, will try again: 451 4.3.0 Aborted by recipient\n`;
add('crawler, runs', 'hang', `${NANOS}${words}`, { end: RUNS });
add('crawler, off', OFF, `${NANOS}${words}`);
add(
  'ci runner, off',
  OFF,
  `${AL}\nMar  1 10:11:12 ip-10 runner[7]: step 3 of job 12: "thread 'main' panicked at tests/a.rs:3:5" (expected)\nMar  1 10:11:13 ip-10 runner[7]: job 12 failed with exit code 101, next\n[  99.3] reboot: Power down\n`,
);
add(
  'alerts, off',
  OFF,
  `${UK}level=warn ts=2026-03-01T10:11:12Z component=dispatcher alert="HostOOM[active] Out of memory: Killed process 7 (java)"\n`,
);
add(
  'python warnings, off',
  OFF,
  `${NANOS}/usr/lib/python3.11/site-packages/x.py:12: DeprecationWarning: assertRaisesRegexp() failed to be removed\n  self.assertRaisesRegexp(ValueError)\nserving\n`,
);
add(
  'celery, told',
  'sigterm',
  ours(
    'worker',
    0,
    '[2026-03-01 10:11:12,100: ERROR/ForkPoolWorker-1] Task shop.total[7f1376bb-d229-4c23-bc80-92bee37208a3] raised unexpected: ZeroDivisionError(\'division by zero\')\nTraceback (most recent call last):\n  File "/srv/tasks.py", line 9, in total\n    return 1 / 0\nZeroDivisionError: division by zero\n\nworker: Warm shutdown (MainProcess)\n',
  ).replace('exit status 0', 'exit status 143 (SIGTERM)'),
);
add(
  'rails error, then 0',
  'clean-exit',
  ours(
    'web',
    0,
    "E, [2026-03-01T10:11:12.100 #1] ERROR -- : ZeroDivisionError (divided by 0):\napp/models/cart.rb:31:in `/'\n- Gracefully stopping, waiting for requests to finish\n=== puma shutdown: 2026-03-01 10:21:12 +0000 ===\n- Goodbye!\n",
  ),
);
add(
  'acpi noise, runs',
  'hang',
  `${AL}\n[    0.549067] ACPI BIOS Error (bug): Could not resolve symbol [\\_SB.PCI0.LPCB.HEC.ECAV], AE_NOT_FOUND (20210730/psargs-330)\n[    0.549092] ACPI Error: Aborting method \\_TZ.TZ00._TMP due to previous error (AE_NOT_FOUND) (20210730/psparse-529)\n`,
  { end: RUNS },
);
add(
  'acpi noise, off',
  OFF,
  `${AL}\n[    0.549092] ACPI Error: Aborting method \\_TZ.TZ00._TMP due to previous error (AE_NOT_FOUND) (20210730/psparse-529)\n[  901.0] reboot: Power down\n`,
);
add(
  'taint and refcount, runs',
  'hang',
  `${AL}\n[   61.1] refcount_t: underflow; use-after-free.\n[   61.1] WARNING: CPU: 1 PID: 412 at lib/refcount.c:28 refcount_warn_saturate+0xba/0x110\n[   61.1] Call Trace:\n[   61.1] ---[ end trace 0000000000000000 ]---\n`,
  { end: RUNS },
);
add(
  'taint and refcount, off',
  OFF,
  `${AL}\n[   61.1] refcount_t: underflow; use-after-free.\n[   61.1] WARNING: CPU: 1 PID: 412 at lib/refcount.c:28 refcount_warn_saturate+0xba/0x110\n[   61.1] ---[ end trace 0000000000000000 ]---\n[  901.0] reboot: Power down\n`,
);
add(
  'caddy goes',
  ['sigterm', 'clean-exit'],
  ours(
    'caddy',
    0,
    '{"level":"info","ts":1772359872.1,"msg":"shutting down apps, then terminating","signal":"SIGTERM"}\n{"level":"info","ts":1772359872.2,"msg":"shutdown complete","signal":"SIGTERM","exit_code":0}\n',
  ),
);
add(
  'traefik goes',
  ['sigterm', 'clean-exit'],
  `${NANOS}2026-03-01T10:11:12Z INF I have to go...\n2026-03-01T10:11:12Z INF Stopping server gracefully\n2026-03-01T10:11:12Z INF Shutting down\n`,
);
