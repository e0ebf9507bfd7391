/** Whole consoles of Linux, of healthy programs that say alarming words, and of two faults of which one is the cause. */
import type { WholeConsole } from './whole-boots.ts';
import { AL, goNil, NANOS, NEVER, RUNS, UK, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const WHOLE_LINUX: readonly WholeConsole[] = list;

add(
  'linux xen paging',
  'kernel-fault',
  `[47998480.382578] Linux version 4.9.0-coreos\n[    6.307129] systemd-networkd[212]: lo: Configured\n[47998480.521855] blkfront: xvdb: barrier or flush: disabled\n[47998480.571090] xen:grant_table: WARNING: g.e. 0xa still in use!\n[47998480.571168] BUG: unable to handle kernel paging request at ffff970000000848\n[47998480.571184] IP: [<ffffffff811b6c89>] handle_mm_fault+0x1a9/0x14c0\n[47998480.571200] PGD 0 [47998480.571202] \n[47998480.571209] Oops: 0000 [#1] SMP\n`,
);
const ena = (cpu: string, t: string) =>
  `${AL}\r\n[${t}.1] invalid opcode: 0000 [#1] PREEMPT SMP NOPTI\r\n[${t}.2] CPU: ${cpu} PID: 396 Comm: systemd-network Tainted: G           O       6.9.9 #1\r\n[${t}.3] Hardware name: Amazon EC2 g5.4xlarge/, BIOS 1.0 10/16/2017\r\n[${t}.4] RIP: 0010:ena_lpc_get_page+0xd7/0xe0 [ena]\r\n[${t}.5] Code: 24 83 43 04 01 48 83 87 f0 01 00 00 01 48 8b 43 10\r\n[${t}.6] RSP: 0018:ffffc900005c7308 EFLAGS: 00010202\r\n`;
add('linux ena opcode', 'kernel-fault', ena('15', '   14'), { same: [ena('2', ' 9921')] });
add(
  'linux arm exec fault then panic',
  'kernel-panic',
  `[    0.000000] Linux version 6.8.0-1021-aws (buildd@bos03-arm64-062) (aarch64-linux-gnu-gcc-13)\n[    6.568640] systemd[1]: Starting Apply Kernel Variables...\n[    6.768889] Unable to handle kernel execute from non-executable memory at virtual address ffffbd2fe97a3ba0\n[    6.770089] Mem abort info:\n[    6.770090]   ESR = 0x000000008600000e\n[    6.770102] Internal error: Oops: 000000008600000e [#1] SMP\n[    6.773402] Modules linked in: sm4_ce(-) dm_multipath\n[    6.780102] pc : 0xffffbd2fe97a3ba0\n[    6.780103] lr : do_one_initcall+0x60/0x2d8\n[    6.790000] Kernel panic - not syncing: Oops: Fatal exception\n[    6.790100] SMP: stopping secondary CPUs\n[    6.790200] ---[ end Kernel panic - not syncing: Oops: Fatal exception ]---\n`,
);
add(
  'linux list corruption arm',
  'kernel-fault',
  `${AL}\n[ 6926.134643] list_add double add: new=ffff00047e724c90, prev=ffff00047e724c90, next=ffff0012e751d000.\n[ 6926.135367] kernel BUG at lib/list_debug.c:33!\n[ 6926.135706] Internal error: Oops - BUG: 00000000f2000800 [#1] SMP\n[ 6926.139687] CPU: 8 PID: 55 Comm: ksoftirqd/8 Not tainted 6.1.112 #1\n[ 6926.141145] pc : __list_add_valid+0x70/0xc0\n`,
);
add(
  'linux firecracker root',
  'kernel-panic',
  `[    0.000000] Linux version 6.5.13 (root@build) (gcc)\n[    0.000000] Command line: console=ttyS0 reboot=k panic=1 pci=off root=/dev/vda rw\n[    0.375513] /dev/root: Can't open blockdev\n[    0.376351] VFS: Cannot open root device "/dev/vda" or unknown-block(0,0): error -6\n[    0.377898] Please append a correct "root=" boot option; here are the available partitions:\n[    0.383281] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n[    0.384276] CPU: 0 PID: 1 Comm: swapper/0 Not tainted 6.5.13 #1\n[    0.384276] Rebooting in 1 seconds..\n`,
  { end: NEVER },
);
add(
  'linux emergency',
  'boot-failure',
  `[    0.000000] Linux version 5.14.0-427.el9.x86_64\n[    3.440559] nvme nvme0: 15/0/0 default/read/poll queues\n[  128.522397] dracut-initqueue[353]: Warning: dracut-initqueue timeout - starting timeout scripts\n[  129.047311] dracut-initqueue[353]: Warning: dracut-initqueue timeout - starting timeout scripts\n[  192.1] dracut-initqueue[353]: Warning: Could not boot.\n         Starting Dracut Emergency Shell...\nWarning: /dev/disk/by-uuid/5b46 does not exist\n\nGenerating "/run/initramfs/rdsosreport.txt"\n\nEntering emergency mode. Exit the shell to continue.\n`,
  { end: { state: 'running', wasHealthy: false } },
);
add(
  'linux local fs emergency',
  'boot-failure',
  `${AL.slice(0, AL.indexOf('[    3.004'))}[ TIME ] Timed out waiting for device dev-datavg02-lvol1.device.\r\n[\u001b[0;1;33mDEPEND\u001b[0m] Dependency failed for /export/data.\r\n[\u001b[0;1;33mDEPEND\u001b[0m] Dependency failed for Local File Systems.\r\nYou are in emergency mode. After logging in, type "journalctl -xb" to view\r\nsystem logs, "systemctl reboot" to reboot, or "exit"\r\nto continue bootup.\r\n\r\nCannot open access to console, the root account is locked.\r\nSee sulogin(8) man page for more details.\r\n\r\nPress Enter to continue.\r\n`,
  { end: { state: 'running', wasHealthy: false } },
);
const oom = (pid: string, rss: string) =>
  `${AL}[580439.225918] JIT Compilation invoked oom-killer: gfp_mask=0x24000c0, order=0, oom_score_adj=952\n[580439.225926] CPU: 3 PID: ${pid} Comm: JIT Compilation Not tainted 4.4.0-119-generic #143-Ubuntu\n[580439.225936] Call Trace:\n[580439.300] Memory cgroup out of memory: Killed process ${pid} (java) total-vm:${rss}1kB, anon-rss:${rss}kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:1kB oom_score_adj:952\n[580441.1] systemd[1]: app.service: Main process exited, code=killed, status=9/KILL\n[580441.2] systemd[1]: app.service: Failed with result 'oom-kill'.\n[580442.0] reboot: Power down\n`;
add('linux jit oom', 'oom', oom('120669', '2000000'), { same: [oom('71', '991230')] });
add(
  'linux memcached gp',
  'segv',
  `${AL}\n[120542.11] traps: memcached[28432] general protection ip:55d0a1b2c3d4 sp:7f11aa00 error:0 in memcached[55d0a1b20000+2a000]\n[120542.31] systemd[1]: memcached.service: Main process exited, code=dumped, status=11/SEGV\n[120542.32] systemd[1]: memcached.service: Failed with result 'core-dump'.\n`,
  {
    same: [
      `${AL}\n[  11.11] traps: memcached[99] general protection fault ip:5612349003d4 sp:7ffc0 error:0 in memcached[561234905000+2a000]\n`.replace(
        '5612349003d4',
        '5612349113d4',
      ),
    ],
  },
);
const beam = (thread: string, t: string) =>
  `${AL}\nNov 30 12:20:36 ip-10 kernel: [${t}] ${thread}[10260]: segfault at 8 ip 000000000055d040 sp 00007f62b157db00 error 4 in beam.smp[400000+232000]\n`;
add('linux beam thread', 'null-deref', beam('2_scheduler', '948774.768330'), { same: [beam('async_1', '1094.580751')] });
add(
  'linux cfs stall recovers',
  'hang',
  `${AL}\n[ 1204.0] INFO: task jbd2/nvme0n1p1:411 blocked for more than 122 seconds.\n[ 1204.1]       Not tainted 6.1.112 #1\n[ 1204.2] "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.\n`,
  { end: RUNS },
);
add(
  'linux freebsd-like kdb',
  ['kernel-panic', 'kernel-fault'],
  `KDB: debugger backends: ddb\nCopyright (c) 1992-2023 The FreeBSD Project.\nFreeBSD 13.2-RELEASE-p7 GENERIC amd64\nFatal trap 12: page fault while in kernel mode\ncpuid = 1; apic id = 02\nfault virtual address\t= 0x18\nfault code\t\t= supervisor read data, page not present\ninstruction pointer\t= 0x20:0xffffffff80bd0b13\ncurrent process\t\t= 12 (irq29: ena0)\ntrap number\t\t= 12\npanic: page fault\ncpuid = 1\nKDB: stack backtrace:\n#0 0xffffffff80c53dc5 at kdb_backtrace+0x65\nUptime: 2d3h\n`,
);

add(
  'benign words, clean',
  ['clean-exit'],
  `${NANOS}segfault handler installed\npanic=1 is set\n[info] no error found, 0 killed, assertion checks disabled\ntandem: server: exit status 0\n`,
);
add(
  'benign words, off',
  ['unknown', 'clean-exit'],
  `${AL}\n[   12.0] app[311]: INFO recovered from error: out of memory budget exceeded for request 12\n[   13.0] app[311]: WARN retry after panic in plugin, continuing\n[   99.0] systemd[1]: Reached target poweroff.target - System Power Off.\n[   99.3] reboot: Power down\n`,
);
add(
  'benign json logs',
  'hang',
  `${AL}\n{"level":"error","ts":1677181257.9,"msg":"server error: FATAL: the database system is shutting down (SQLSTATE 57P03)"}\n{"level":"warn","msg":"child killed","signal":"SIGKILL","cmd":"thumbnailer"}\n{"level":"info","msg":"caught Segmentation fault in sandboxed plugin, restarted"}\n`,
  { end: RUNS },
);
add(
  'benign test names',
  'hang',
  `${NANOS}PASS test_segmentation_fault_is_reported\nPASS test_stack_overflow\nPASS test_out_of_memory\nPASS test_kernel_panic_text\nlistening\n`,
  { end: RUNS },
);
add(
  'benign access log',
  'hang',
  `${AL}\n10.0.0.1 - - [28/Sep/2024:10:00:00 +0000] "GET /docs/Kernel%20panic%20-%20not%20syncing HTTP/1.1" 200 615 "-" "curl"\n10.0.0.1 - - [28/Sep/2024:10:00:00 +0000] "GET /?q=Segmentation+fault+(core+dumped) HTTP/1.1" 404 15 "-" "curl"\n10.0.0.1 - - [28/Sep/2024:10:00:00 +0000] "POST /log msg=panic: runtime error HTTP/1.1" 200 1 "-" "curl"\n`,
  { end: RUNS },
);
add(
  'benign access log, off',
  'unknown',
  `${NANOS}10.0.0.1 - - [28/Sep/2024:10:00:00 +0000] "GET /docs/Kernel panic - not syncing: Fatal exception HTTP/1.1" 200 615 "-" "curl"\n10.0.0.1 - - [28/Sep/2024:10:00:01 +0000] "GET /?q=Segmentation fault (core dumped) HTTP/1.1" 404 15 "-" "curl"\n`,
);
add(
  'two: oom kill then postgres recovers then power off by panic',
  'oom',
  `${AL}\n[ 811.0] postgres invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n[ 811.2] Out of memory: Killed process 812 (postgres) total-vm:2000000kB, anon-rss:1900000kB, file-rss:0kB, shmem-rss:0kB, UID:70 pgtables:400kB oom_score_adj:0\n2024-09-09 06:01:48.942 UTC [1] LOG:  server process (PID 812) was terminated by signal 9: Killed\n2024-09-09 06:01:48.942 UTC [1] LOG:  terminating any other active server processes\n2024-09-09 06:01:49.000 UTC [1] LOG:  all server processes terminated; reinitializing\n`,
);
add(
  'two: disk full then abort',
  ['abort', 'kernel-fault'],
  `${AL}\n2024-09-09 06:01:48.942 UTC [77] PANIC:  could not write to file "pg_wal/xlogtemp.77": No space left on device\n2024-09-09 06:01:49.942 UTC [1] LOG:  checkpointer process (PID 77) was terminated by signal 6: Aborted\n2024-09-09 06:01:49.943 UTC [1] LOG:  aborting startup due to startup process failure\n2024-09-09 06:01:50.000 UTC [1] LOG:  database system is shut down\n`,
);
add(
  'two: asserts then init dies',
  'assert',
  `[    0.000000] Linux version 6.1.0\nserver: pool.c:19: take: Assertion \`p->free > 0' failed.\n[   14.1] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000006\n[   14.2] CPU: 0 PID: 1 Comm: server Not tainted 6.1.0 #1\n[   14.3] ---[ end Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000006 ]---\n`,
  {
    same: [`${UK}server: pool.c:19: take: Assertion \`p->free > 0' failed.\n`],
  },
);
add(
  'cut at head',
  'null-deref',
  `${'x'.repeat(900)}ail of a line that was cut\n${'GET /ok 200\n'.repeat(5_000)}${goNil('0x6b2f45', '9')}`,
);
add(
  'boots thrice, says why',
  ['null-deref', 'reset-loop'],
  `${AL}\n${goNil('0x1', '2')}${AL}\n${goNil('0x1', '2')}${AL}\n${goNil('0x1', '2')}`,
);
add('boots thrice, silent', 'reset-loop', `${AL}\nweb: listening\n`.repeat(3), { end: RUNS });
add(
  'interleaved smp',
  'kernel-fault',
  `${AL}\n[   14.100001] BUG: kernel NULL pointer dereference, address: 0000000000000028\n[   14.100002] app[7]: request handled\n[   14.100003] #PF: supervisor read access in kernel mode\nGET /a 200\n[   14.100009] Oops: 0000 [#1] PREEMPT SMP PTI\n[   14.100012] CPU: 1 PID: 88 Comm: app Not tainted 6.1.112 #1\nGET /b 200\n[   14.100018] RIP: 0010:ext4_mb_load_buddy+0x1a/0x90 [ext4]\n[   14.100020] ---[ end trace 0000000000000000 ]---\n`,
  { end: RUNS },
);
