/** Further whole consoles, drawn when the others were read rightly. */
import type { WholeConsole } from './whole-boots.ts';
import { NANOS, NEVER, RUNS, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const WHOLE_MORE: readonly WholeConsole[] = list;

const UBUNTU = `[    0.000000] Linux version 5.19.0-1022-aws (buildd@lcy02-amd64) (gcc) #23~22.04.1-Ubuntu SMP\r\n[    0.000000] Command line: BOOT_IMAGE=/boot/vmlinuz root=PARTUUID=4986e35b ro console=tty1 console=ttyS0 nvme_core.io_timeout=4294967295 panic=-1\r\n[    0.000000] Kernel command line: BOOT_IMAGE=/boot/vmlinuz root=PARTUUID=4986e35b ro console=ttyS0 panic=-1\r\n[    1.2] Trying to unpack rootfs image as initramfs...\r\n[    2.2] systemd[1]: Hostname set to <ip-10>.\r\n[  OK  ] Finished Record System Boot/Shutdown in UTMP.\r\n`;
const HELENE = `en1: Added\nen1: Interface is up\nPowered by Unikraft Helene (0.18.0~20800b7)\n`;

add(
  'traefik recovered',
  'hang',
  `${UBUNTU}time="2022-09-09T04:18:16Z" level=error msg="Error in Go routine: runtime error: invalid memory address or nil pointer dereference"\ntime="2022-09-09T04:18:16Z" level=error msg="Stack: goroutine 50 [running]:\\nruntime/debug.Stack()"\ntime="2022-09-09T04:18:17Z" level=error msg="Provider connection error panic in operation: %!w(<nil>), retrying in 2.8s" providerName=docker\n`,
  { end: RUNS },
);
add(
  'traefik recovered, off',
  ['unknown'],
  `${NANOS}time="2022-09-09T04:18:16Z" level=info msg="Starting"\ntime="2022-09-09T04:18:20Z" level=warning msg="Panic in middleware recovered, continuing"\ntime="2022-09-09T04:19:16Z" level=info msg="ok"\n`,
);
const ch = (tid: string, q: string, pid: string) =>
  `${UBUNTU}2024.07.14 09:48:27.957320 [ ${pid} ] {} <Fatal> BaseDaemon: ########################################\n2024.07.14 09:48:27.957356 [ ${pid} ] {} <Fatal> BaseDaemon: (version 21.8.7.1, build id: B04FC607F093B4E2) (from thread ${tid}) (query_id: ${q}) Received signal Segmentation fault (11)\n2024.07.14 09:48:27.957368 [ ${pid} ] {} <Fatal> BaseDaemon: Address: NULL pointer. Access: read. Unknown si_code.\n2024.07.14 09:48:27.957377 [ ${pid} ] {} <Fatal> BaseDaemon: Stack trace: 0x216753da 0x216d2ed8\n`;
add('clickhouse null', ['null-deref', 'segv'], ch('365088', '7f1376bb-d229-4c23-bc80-92bee37208a3', '430566'), {
  same: [ch('12', '11111111-d229-4c23-bc80-92bee37208a3', '99')],
});
add(
  'clickhouse new',
  ['segv'],
  `${NANOS}2024.03.19 15:19:26.914984 [ 219692 ] {} <Trace> BaseDaemon: Received signal 11\n2024.03.19 15:19:26.915393 [ 303767 ] {} <Fatal> BaseDaemon: ########## Short fault info ############\n2024.03.19 15:19:26.915467 [ 303767 ] {} <Fatal> BaseDaemon: (version 24.2.2.71 (official build)) (from thread 219691) Received signal 11\n2024.03.19 15:19:26.915482 [ 303767 ] {} <Fatal> BaseDaemon: Signal description: Segmentation fault\n2024.03.19 15:19:26.915494 [ 303767 ] {} <Fatal> BaseDaemon: Address: 0x4a296. Access: read. Unknown si_code.\n`,
);
const varnish = (pid: string, where: string) =>
  `${UBUNTU}Child launched OK\nError: Child (${pid}) died signal=6\nError: Child (${pid}) Panic at: Thu, 23 Aug 2018 06:40:27 GMT\nAssert error in ${where}:\n  Condition((vdpe) != NULL) not true.\nversion = varnish-6.0.0 revision a068361, vrt api = 7.0\nBacktrace:\n  0x5598aad2b957: varnishd(+0x4a957) [0x5598aad2b957]\n`;
add('varnish', 'assert', varnish('37', 'VDP_bytes(), cache/cache_deliver_proc.c line 64'), {
  same: [varnish('991', 'VDP_bytes(), cache/cache_deliver_proc.c line 64').replace('23 Aug 2018 06', '01 Sep 2019 11')],
  differs: [varnish('37', 'hcb_delete(), hash/hash_critbit.c line 294')],
});
add(
  'varnish signal',
  ['segv', 'assert'],
  varnish('4', 'child_signal_handler(), mgt/mgt_child.c line 296').replace(
    '(vdpe) != NULL',
    'Signal 11 (Segmentation fault) received at 0x7f59e842cf40 si_code 2',
  ),
);
add(
  'swift fatal',
  ['abort'],
  `${UBUNTU}[ NOTICE ] Server starting on http://0.0.0.0:8080\nApp/routes.swift:13: Fatal error: 'try!' expression unexpectedly raised an error: App.Test()\nCurrent stack trace:\n0    libswiftCore.so                    0x00007f83289f0ea0 swift_reportError + 50\nIllegal instruction (core dumped)\n`,
);
add(
  'swift of 5.3',
  ['abort'],
  `${NANOS}[ NOTICE ] Server starting on http://0.0.0.0:8080\nFatal error: Index out of range: file Swift/ContiguousArrayBuffer.swift, line 444\nCurrent stack trace:\n0    libswiftCore.so                    0x00007f83289f0ea0 swift_reportError + 50\n`,
);
add(
  'uvicorn app',
  'startup-config',
  `${NANOS}INFO:     Will watch for changes in these directories: ['/tmp/x']\nINFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)\nERROR:    Error loading ASGI app. Could not import module "main".\n`,
  { end: NEVER },
);
add(
  'uvicorn lifespan',
  'startup-config',
  `${UBUNTU}INFO:     Started server process [1]\nINFO:     Waiting for application startup.\nERROR:    Traceback (most recent call last):\n  File "/app/.venv/lib/python3.12/site-packages/starlette/routing.py", line 677, in lifespan\n    async with self.lifespan_context(app) as maybe_state:\n  File "/app/main.py", line 14, in lifespan\n    await database.connect()\nConnectionRefusedError: [Errno 111] Connect call failed ('10.0.0.5', 5432)\n\nERROR:    Application startup failed. Exiting.\n`,
  { end: NEVER },
);
add(
  'uvicorn goes',
  'sigterm',
  `${NANOS}\u001b[32mINFO\u001b[0m:     Application startup complete.\nINFO:     10.0.2.2:51000 - "GET / HTTP/1.1" 500 Internal Server Error\nERROR:    Exception in ASGI application\nTraceback (most recent call last):\n  File "/app/main.py", line 30, in root\n    return 1 / 0\nZeroDivisionError: division by zero\n${'INFO:     10.0.2.2:51000 - "GET / HTTP/1.1" 200 OK\n'.repeat(60)}INFO:     Received SIGTERM, shutting down\nINFO:     Shutting down\nINFO:     Waiting for application shutdown.\nINFO:     Application shutdown complete.\nINFO:     Finished server process [1]\n`,
);
add(
  'uvicorn error long ago',
  ['unknown', 'clean-exit'],
  `${NANOS}INFO:     Application startup complete.\nERROR:    Exception in ASGI application\nTraceback (most recent call last):\n  File "/app/main.py", line 30, in root\n    return 1 / 0\nZeroDivisionError: division by zero\n${'INFO:     10.0.2.2:51000 - "GET / HTTP/1.1" 200 OK\n'.repeat(400)}`,
);
add(
  'spring',
  'startup-config',
  `${UBUNTU}2016-10-03 17:06:27.704  INFO 27548 --- [           main] o.apache.catalina.core.StandardService   : Stopping service Tomcat\n2016-10-03 17:06:27.727 ERROR 27548 --- [           main] o.s.b.d.LoggingFailureAnalysisReporter   : \n\n***************************\nAPPLICATION FAILED TO START\n***************************\n\nDescription:\n\nFailed to configure a DataSource: 'url' attribute is not specified and no embedded datasource could be configured.\n`,
  { end: NEVER },
);
add(
  'kafka',
  'startup-config',
  `${NANOS}[2025-10-15 21:13:24,900] ERROR [BrokerServer id=1] Fatal error during broker startup. Prepare to shutdown (kafka.server.BrokerServer)\njava.lang.RuntimeException: Invalid cluster.id in: /data/meta.properties. Expected a, but read b\n\tat org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.verify(MetaPropertiesEnsemble.java:503)\n[2025-10-15 21:13:24,920] ERROR Exiting Kafka due to fatal exception during startup. (kafka.Kafka$)\n`,
  { end: NEVER },
);
const glibc = (a: string) =>
  `${UBUNTU}Server running at http://ec2:8080/\n*** Error in \`node': corrupted double-linked list: 0x${a} ***\n======= Backtrace: =========\n/lib64/libc.so.6(+0x71bd6)[0x2b8eea6b4bd6]\nnode(uv_run+0x20e)[0x6f359e]\n======= Memory map: ========\n00400000-00981000 r-xp 00000000 ca:01 167700                             /usr/local/bin/node\nAborted (core dumped)\n`;
add('glibc of 2016', 'heap-corruption', glibc('00007fac080091b0'), { same: [glibc('0000000001234560')] });
add(
  'glibc of 2012',
  'heap-corruption',
  `${NANOS}*** glibc detected *** node: double free or corruption (out): 0x00000000026c37b0 ***\n======= Backtrace: =========\n/lib/x86_64-linux-gnu/libc.so.6(+0x76a16)[0x7f0401fc4a16]\n`,
);
add(
  'mac-like assert',
  'assert',
  `${UBUNTU}Assertion failed: (baton->db->handle), function Work_BeginClose, file ../src/database.cc, line 218.\n`,
  {
    same: [`${NANOS}Assertion failed: (baton->db->handle), function Work_BeginClose, file /build/x/src/database.cc, line 218.\n`],
    differs: [
      `${NANOS}Assertion failed: (baton->db->handle), function Work_BeginClose, file /build/x/src/database.cc, line 300.\n`,
    ],
  },
);
// guests
add(
  'nanos futex',
  'hang',
  `${NANOS}futex: FUTEX_WAKE_BITSET not implemented\nE0127 15:17:51.493388929       1 cpu_linux.cc:50]            Cannot determine number of CPUs: fatal assertion path disabled\n{"severity": "INFO", "message": "starting the email service in dummy mode."}\n`,
  { end: RUNS },
);
add(
  'nanos syntax warning',
  'hang',
  `${NANOS}/.local/lib/python3.8/site-packages/x/client.py:167: SyntaxWarning: "is" with a literal. Did you mean "=="?\n  if len(self._profilers) is 0:\n{"severity": "ERROR", "message": "panic button pressed; aborting order 12"}\n`,
  { end: RUNS },
);
add(
  'nanos abort in cpp',
  'abort',
  `${NANOS}terminate called after throwing an instance of 'std::runtime_error'\n  what():  queue closed\n\n*** signal 6 received by tid 2, errno 0, code -6\n\n*** Thread context:\nlastvector: 0000000000000000\n     frame: ffffc00002a41000\n      type: thread\n   core dump\n`,
  {
    same: [
      `${UBUNTU}terminate called after throwing an instance of 'std::runtime_error'\n  what():  queue closed\nAborted (core dumped)\n`,
    ],
    differs: [
      `${UBUNTU}terminate called after throwing an instance of 'std::runtime_error'\n  what():  cannot parse header\nAborted (core dumped)\n`,
    ],
  },
);
add(
  'unikraft init function',
  ['boot-failure'],
  `${HELENE}[    0.100] ERR:  [libukboot] <boot.c @  430> Init function at 0x16e7e0 returned error -1\n`,
  { end: NEVER },
);
add(
  'unikraft clone exec fault',
  'null-deref',
  `${HELENE}[    0.762079] dbg:  [libuk9p] <9p.c @  427> TCLUNK fid 1\n[    0.763011] CRIT: [libukvmem] Cannot handle exec page fault at 0x0 (ec: 0x10): Bad address (14).\n[    0.763101] CRIT: [libkvmplat] RIP: 0000000000000000 CS: 0008\n`,
);
add(
  'unikraft syscall missing',
  'hang',
  `${HELENE}[    6.362225] dbg:  [libsyscall_shim] <uk_syscall6_r.c @  944> syscall "rt_sigaction" is not available\nopenat(AT_FDCWD, "/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY) = No such file or directory (-2)\nkill(1, SIGABRT) = 0 /* test */\n`,
  { end: RUNS },
);
add(
  'linux xfs panic',
  ['kernel-panic'],
  `${UBUNTU}Feb 06 19:41:49 dom0 kernel: XFS (dm-2): xfs_do_force_shutdown(0x8) called from line 370 of file fs/xfs/xfs_trans.c. Return address = 00000000d2b250f5\nFeb 06 19:41:49 dom0 kernel: XFS (dm-2): Corruption of in-memory data detected.  Shutting down filesystem\n[   14.8] Kernel panic - not syncing: XFS: panic on corruption\n[   14.9] CPU: 0 PID: 511 Comm: mount Not tainted 5.19.0 #1\n`,
);
add(
  'linux btrfs read only',
  'hang',
  `${UBUNTU}[  335.924646] BTRFS error (device vda3): parent transid verify failed on logical 60178432 mirror 1 wanted 13 found 0\n[  337.2] BTRFS warning (device vda3): csum failed root 257 ino 34956\n[  338.0] EXT4-fs error (device sda1): ext4_lookup:1785: inode #2: comm web: deleted inode referenced: 12\n[  338.1] EXT4-fs (sda1): Remounting filesystem read-only\n`,
  { end: RUNS },
);
const init = (code: string, t: string) =>
  `[    0.000000] Linux version 5.10.0\n[    0.0] Run /init as init process\nfutexwakeup addr=0x5d9988 returned -38\n[   22.919139][   T17] Kernel panic - not syncing: Attempted to kill init! exitcode=0x${code}\n[   ${t}][   T17] Kernel Offset: disabled\n[   22.920013][   T17] ---[ end Kernel panic - not syncing: Attempted to kill init! exitcode=0x${code} ]---\n`;
add('linux init status', 'nonzero-exit', init('00000200', '22.919810'), {
  same: [init('00000200', '44.1')],
  differs: [init('0000000b', '22.9')],
});
add(
  'linux init zero',
  ['clean-exit', 'kernel-panic'],
  init('00000000', '22.919810').replace('futexwakeup addr=0x5d9988 returned -38\n', ''),
);
add(
  'linux ostree',
  ['boot-failure'],
  `${UBUNTU.slice(0, UBUNTU.indexOf('[    2.2]'))}Apr 06 08:50:48 systemd[1]: \u001b[0;1;31mFailed to start Ignition OSTree: Mount (firstboot) /sysroot.\u001b[0m\nApr 06 08:50:48 ostree-prepare-root[534]: ostree-prepare-root: Couldn't find specified OSTree root '/sysroot//ostree/boot.1/'\nApr 06 08:50:48 systemd[1]: ostree-prepare-root.service: Main process exited, code=exited, status=1/FAILURE\nApr 06 08:50:49 systemd[1]: Reached target emergency.target - Emergency Mode.\nEntering emergency mode. Exit the shell to continue.\n`,
  { end: { state: 'running', wasHealthy: false } },
);
add(
  'linux fsck then serves',
  'hang',
  `${UBUNTU}[FAILED] Failed to start File System Check on Root Device.\nSee 'systemctl status systemd-fsck-root.service' for details.\n[    2.822486] EXT4-fs (xvda3): warning: mounting fs with errors, running e2fsck is recommended\n[  OK  ] Started web.service - web.\n`,
  { end: RUNS },
);
// benign and two faults
add(
  'benign supervisor',
  'hang',
  `${UBUNTU}\n2021-06-27 12:28:09,259 DEBG 'start-script' stdout output:\n2021-06-27 12:28:09 VERIFY OK: depth=1, C=IT\n2021-06-27 12:28:10,000 INFO exited: cron (terminated by SIGKILL; not expected)\n2021-06-27 12:28:11,000 INFO spawned: 'cron' with pid 77\n`,
  { end: RUNS },
);
add(
  'benign prometheus rules',
  ['unknown', 'clean-exit'],
  `${UBUNTU}\nloaded rule "OOMKilled: container out of memory"\nloaded rule "KernelPanic"\nloaded rule "Segmentation fault seen"\n[   99.3] reboot: Power down\n`,
);
add(
  'two: panic while oom',
  'oom',
  `${UBUNTU}\n[  101.0] web invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n[  101.1] Mem-Info:\n[  101.2] Out of memory: Killed process 311 (web) total-vm:912000kB, anon-rss:800000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1800kB oom_score_adj:0\n[  101.9] BUG: kernel NULL pointer dereference, address: 0000000000000008\n[  101.9] Oops: 0000 [#1] SMP\n`,
);
add(
  'two: sigterm then crash',
  ['segv', 'null-deref'],
  `${NANOS}2026/10/01 10:00:00 received SIGTERM, draining\n2026/10/01 10:00:01 draining 3 connections\n\n*** signal 11 received by tid 9, errno 0, code 1\n    fault address 0x8\n\n*** Thread context:\nlastvector: 000000000000000e (Page fault)\n   core dump\n`,
);
add(
  'two: rust workers',
  'abort',
  `${UBUNTU}\nthread 'tokio-runtime-worker' panicked at src/pool.rs:88:17:\nconnection pool poisoned\nnote: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace\n\nthread 'main' panicked at src/main.rs:40:10:\ncalled \`Result::unwrap()\` on an \`Err\` value: JoinError::Panic(Id(12), "connection pool poisoned", ...)\ntandem: web: exit status 101\n`,
);

add(
  'nginx goes',
  ['sigterm', 'clean-exit'],
  `${NANOS}2024/06/22 16:54:59 [notice] 1#1: start worker process 29\n2024/06/22 17:54:59 [notice] 1#1: signal 15 (SIGTERM) received from 1, exiting\n2024/06/22 17:54:59 [notice] 29#29: exiting\n2024/06/22 17:54:59 [notice] 1#1: exit\n`,
);
add(
  'nginx worker recycled',
  'hang',
  `${NANOS}2024/06/22 16:54:59 [notice] 1#1: signal 1 (SIGHUP) received from 88, reconfiguring\n2024/06/22 16:55:00 [notice] 1#1: worker process 29 exited with code 0\n`,
  { end: RUNS },
);
add('memcached goes', 'sigterm', `${NANOS}Signal handled: Terminated.\n`);
add(
  'go goes',
  'sigterm',
  `${NANOS}2026/10/01 10:00:00 shutting down: received signal terminated\n2026/10/01 10:00:03 http: Server closed\n`,
);
add('node goes', 'sigterm', `${NANOS}SIGTERM signal received: closing HTTP server\nHTTP server closed\n`);
add(
  'gunicorn goes',
  'sigterm',
  `${NANOS}[2020-09-12 05:37:52 +0000] [18] [INFO] Handling signal: term\n[2020-09-12 05:37:53 +0000] [21] [INFO] Worker exiting (pid: 21)\n[2020-09-12 05:37:53 +0000] [18] [INFO] Shutting down: Master\n`,
);
add('tor goes', 'sigterm', `${NANOS}May 28 14:20:18.000 [notice] Catching signal TERM, exiting cleanly.\n`);
add(
  'envoy goes',
  'sigterm',
  `${NANOS}[2022-05-11 08:50:41.724][1][warning][main] [source/server/server.cc:895] caught ENVOY_SIGTERM\n[2022-05-11 08:50:41.724][1][info][main] [source/server/server.cc:1027] exiting\n`,
);
add(
  'mysql goes',
  'sigterm',
  `${NANOS}2024-01-01T00:00:00.000000Z 0 [System] [MY-013172] [Server] Received SHUTDOWN from user <via user signal>. Shutting down mysqld (Version: 8.0.35).\n2024-01-01T00:00:02.000000Z 0 [System] [MY-010910] [Server] /usr/sbin/mysqld: Shutdown complete (mysqld 8.0.35)  MySQL Community Server - GPL.\n`,
);
add(
  'erlang goes',
  'sigterm',
  `${NANOS}2025-01-06 13:38:03 [notice] <0.254.0> SIGTERM received - shutting down\n2025-01-06 13:38:04 [info] <0.254.0> Closing all channels from connection\n`,
);
add(
  'openvpn goes',
  'sigterm',
  `${NANOS}Sat Jun 18 17:23:42 2016 event_wait : Interrupted system call (code=4)\nSat Jun 18 17:23:42 2016 SIGTERM[hard,] received, process exiting\n`,
);
add(
  'haproxy goes',
  ['sigterm', 'clean-exit'],
  `${NANOS}[WARNING]  (1) : Exiting Master process...\n[NOTICE]   (1) : haproxy version is 2.4.8\n[ALERT]    (1) : Current worker #1 (8) exited with code 143 (Terminated)\n[WARNING]  (1) : All workers exited. Exiting... (143)\n`,
);
add(
  'benign docs of signals',
  'unknown',
  `${NANOS}usage: on SIGTERM received by a worker it is restarted\n${'GET / 200\n'.repeat(40)}`,
);
add(
  'jvm other frame',
  'segv',
  `#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGSEGV (0xb) at pc=0x00007f50e1e9df2e, pid=29, tid=29\n#\n# Problematic frame:\n# C  [libfoo.so+0x12f2e]\n#\n`,
  {
    differs: [
      '#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGSEGV (0xb) at pc=0x00007f50e1e9df2e, pid=29, tid=29\n#\n# Problematic frame:\n# C  [libfoo.so+0x999aa]\n#\n',
    ],
  },
);
