/** Whole consoles of servers that people ship, after bug reports. */
import type { WholeConsole } from './whole-boots.ts';
import { AL, NANOS, NEVER, RUNS, UK, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const WHOLE_SERVERS: readonly WholeConsole[] = list;

add(
  'maria signal',
  'segv',
  `${AL}2020-10-10  9:57:33 0 [Note] /usr/bin/mysqld: ready for connections.\n2020-10-10 11:01:05 9 [Warning] Aborted connection 9 to db: 'ha' user: 'ha' host: '172.30.32.1' (Got an error reading communication packets)\n201010 11:17:39 [ERROR] mysqld got signal 11 ;\nThis could be because you hit a bug. It is also possible that this binary\nor one of the libraries it was linked against is corrupt, improperly built,\nor misconfigured.\n`,
);
add(
  'envoy abort',
  'abort',
  `${AL}[2022-05-11 08:50:41.741][17][debug][dns] [source/extensions/network/dns_resolver/cares/dns_impl.cc:315] dns resolution started\n[2022-05-11 08:50:42.600][17][critical][assert] [source/common/upstream/x.cc:88] assert failure: host != nullptr. Details: missing\n`.replace(
    /.*critical.*\n/,
    '',
  ) +
    `[2022-05-11 08:50:42.601][17][critical][backtrace] [./source/server/backtrace.h:104] Caught Aborted, suspect faulting address 0x38aba00000011\n[2022-05-11 08:50:42.601][17][critical][backtrace] [./source/server/backtrace.h:91] Backtrace (use tools/stack_decode.py to get line numbers):\n[2022-05-11 08:50:42.602][17][critical][backtrace] [./source/server/backtrace.h:98] #0: __restore_rt [0x7f5e13c0d520]\n`,
);
const envoySeg = (tid: string, addr: string) =>
  `${NANOS}[2019-03-28 15:21:53.325][8][info][main] shutting down parent after drain\n[2019-03-28 15:43:04.786][${tid}][critical][backtrace] [bazel-out/k8-opt/bin/backtrace.h:81] Caught Segmentation fault, suspect faulting address ${addr}\n[2019-03-28 15:43:04.786][${tid}][critical][backtrace] [bazel-out/k8-opt/bin/backtrace.h:69] Backtrace (use tools/stack_decode.py to get line numbers):\n[2019-03-28 15:43:04.790][${tid}][critical][backtrace] [bazel-out/k8-opt/bin/backtrace.h:73] #0: Envoy::Router::ConfigImpl::route() [0xb78bd5]\n`;
add('envoy segv', 'segv', envoySeg('89', '0x7fab00001234'), {
  same: [envoySeg('12', '0x7fcd0000beef')],
  differs: [envoySeg('89', '0x7fab00001234').replace('Router::ConfigImpl::route', 'Http::Stream::encode')],
});
const tor = (v: string, t: string) =>
  `${NANOS}May 28 14:20:10.000 [notice] Bootstrapped 100% (done): Done\n${t} [err] tor_assertion_failed_: Bug: ../src/address.c:1013: tor_addr_compare_masked: Assertion addr1 && addr2 failed; aborting. (on Tor ${v})\n${t} [err] Bug: Tor ${v}: Assertion addr1 && addr2 failed in tor_addr_compare_masked at ../src/address.c:1013: . (Stack trace not available) (on Tor ${v})\n`;
add('tor assert', 'assert', tor('0.4.9.6 894a92ac2279747e', 'May 28 14:20:18.000'), {
  same: [tor('0.4.9.6 894a92ac2279747e', 'Jun 01 01:00:18.123')],
  differs: [tor('0.4.9.6 894a92ac2279747e', 'May 28 14:20:18.000').replaceAll('1013', '77')],
});
add(
  'tor raw assert',
  'assert',
  `${AL}Oct 10 06:35:02.000 [notice] Starting with guard context "default"\n\n============================================================ T= 1570678503\nINTERNAL ERROR: Raw assertion failed at src/lib/malloc/map_anon.c:213: nodump_result == 0tor(dump_stack_symbols_to_error_fds+0x34)[0x2a23e940]\ntor(tor_raw_assertion_failed_msg_+0x98)[0x2a23ea40]\nAborted\n`,
);
add(
  'tor signal',
  'segv',
  `${NANOS}============================================================ T= 1710678503\nTor 0.4.8.10 died: Caught signal 11\n/usr/bin/tor(+0x1f3b3a)[0x55cf1a1f3b3a]\n/usr/bin/tor(circuit_is_open+0x12)[0x55cf1a1a1b22]\n`,
);
add(
  'bind require syslog',
  'assert',
  `${AL}\nMay 12 13:12:22 x named[213216]: ../../../lib/dns/name.c:1083: REQUIRE((__builtin_expect(!!((name) != ((void *)0)), 1) && 1)) failed, back trace\nMay 12 13:12:22 x named[213216]: #0 0x55c4459f7621 in ??\nMay 12 13:12:22 x named[213216]: exiting (due to assertion failure)\nMay 12 13:12:22 x systemd[1]: named.service: Main process exited, code=killed, status=6/ABRT\n`,
);
add(
  'haproxy stuck',
  'hang',
  `${AL}\nThread 1 is about to kill the process.\n*>Thread 1 : id=0x7f9b49a6c040 act=1 glob=0 wq=1 rq=1 tl=1 tlsz=0 rqsz=1\n             stuck=1 prof=0 harmless=0 wantrdv=0\n             cpu_ns: poll=1259127712071 now=1261750293120 diff=2622581049\n             curr_task=0x7f9b44353560 (task) calls=1 last=0\n[NOTICE]   (2061493) : haproxy version is 2.4.8\n[ALERT]    (2061493) : Current worker #1 (2061495) exited with code 134 (Aborted)\n[ALERT]    (2061493) : exit-on-failure: killing every processes with SIGTERM\n[WARNING]  (2061493) : All workers exited. Exiting... (134)\n`,
);
add(
  'redis rdb',
  'startup-config',
  `${NANOS}1:M 14 Jul 2022 07:00:17.420 # Server initialized\n1:M 14 Jul 2022 07:00:17.420 # WARNING overcommit_memory is set to 0! Background save may fail under low memory condition.\n1:M 14 Jul 2022 07:00:17.421 # Can't handle RDB format version 10\n1:M 14 Jul 2022 07:00:17.421 # Fatal error loading the DB: Invalid argument. Exiting.\n`,
  { end: NEVER },
);
add(
  'redis 2 assert',
  'assert',
  `${NANOS}[11417] 17 May 14:52:43 # === REDIS BUG REPORT START: Cut & paste starting from here ===\n[11417] 17 May 14:52:43 # === ASSERTION FAILED ===\n[11417] 17 May 14:52:43 # ==> db.c:82 'retval == REDIS_OK' is not true\n[11417] 17 May 14:52:43 # (forcing SIGSEGV to print the bug report.)\n[11417] 17 May 14:52:43 #     Redis 2.4.11 crashed by signal: 11\n[11417] 17 May 14:52:43 #     Failed assertion: retval == REDIS_OK (db.c:82)\n`,
);
add(
  'redis goes',
  'sigterm',
  `${NANOS}1:M 14 Jul 2022 07:00:17.420 * Ready to accept connections\n1:signal-handler (1657782017) Received SIGTERM scheduling shutdown...\n1:M 14 Jul 2022 09:00:17.420 # User requested shutdown...\n1:M 14 Jul 2022 09:00:17.421 * Saving the final RDB snapshot before exiting.\n1:M 14 Jul 2022 09:00:17.500 # Redis is now ready to exit, bye bye...\n`,
);
add(
  'postgres goes',
  ['sigterm', 'clean-exit'],
  `${AL}\n2024-09-09 06:01:48.942 UTC [1] LOG:  starting PostgreSQL 13.12 on x86_64-pc-linux-musl\n2024-09-09 06:02:03.997 UTC [22] FATAL:  the database system is starting up\n2024-09-09 06:02:34.002 UTC [23] ERROR:  relation "users" does not exist at character 15\n2024-09-09 07:04:00.000 UTC [1] LOG:  received smart shutdown request\n2024-09-09 07:04:00.100 UTC [1] LOG:  background worker "logical replication launcher" (PID 33) exited with exit code 1\n2024-09-09 07:04:01.000 UTC [1] LOG:  database system is shut down\n`,
);
add(
  'postgres data dir',
  'startup-config',
  `${NANOS}2024-09-09 06:01:48.942 UTC [1] FATAL:  data directory "/var/lib/postgresql/data" has wrong ownership\n2024-09-09 06:01:48.942 UTC [1] HINT:  The server must be started by the user that owns the data directory.\n`,
  { end: NEVER },
);
const fpm = (pid: string, t: string) =>
  `${AL}[16-Oct-2024 21:00:00] NOTICE: fpm is running, pid 1\n[16-Oct-2024 21:00:00] NOTICE: ready to handle connections\n[${t}] WARNING: [pool www] child ${pid} exited on signal 11 (SIGSEGV) after 6678.827466 seconds from start\n[${t}] NOTICE: [pool www] child 3668050 started\n`;
add('php-fpm child, machine gone', ['segv'], fpm('3668047', '13-Oct-2024 21:37:31'), {
  same: [fpm('77', '14-Oct-2024 01:30:00')],
});
add('php-fpm child, runs on', 'hang', fpm('3668047', '13-Oct-2024 21:37:31'), { end: RUNS });
add(
  'gunicorn sigkill',
  'oom',
  `${NANOS}[2020-09-12 05:37:48 +0000] [18] [INFO] Starting gunicorn 20.0.4\n[2020-09-12 05:37:48 +0000] [18] [INFO] Listening at: http://127.0.0.1:8000 (18)\n[2020-09-12 05:37:52 +0000] [18] [ERROR] Worker (pid:21) was sent SIGKILL! Perhaps out of memory?\n[2020-09-12 05:37:55 +0000] [18] [ERROR] Worker (pid:22) was sent SIGKILL! Perhaps out of memory?\n`,
);
add(
  'gunicorn timeouts',
  'hang',
  `${NANOS}[2024-01-09 13:24:30 +0000] [1637] [INFO] Listening at: http://0.0.0.0:8000 (1637)\n[2024-01-09 13:24:39 +0000] [1637] [CRITICAL] WORKER TIMEOUT (pid:7214)\n[2024-01-09 13:24:40 +0000] [1637] [WARNING] Worker with pid 7214 was terminated due to signal 6\n[2024-01-09 13:24:40 +0000] [7310] [INFO] Booting worker with pid: 7310\n`,
  { end: RUNS },
);
const ruby = (at: string, dir: string) =>
  `${AL}=> Booting Puma\n${dir}/puma-4.1.0/lib/puma/cluster.rb:166: [BUG] Segmentation fault at ${at}\nruby 2.6.3p62 (2019-04-16 revision 67580) [x86_64-linux]\n\n-- Machine register context ------------------------------------------------\n RIP: 0x00007f96cd825c56 RBP: 0x00007f96cd161338 RSP: 0x00007f964807df00\n\n-- C level backtrace information -------------------------------------------\n`;
add('ruby puma', 'null-deref', ruby('0x00000000000004c8', './shared/bundle/ruby/2.6.0/gems'), {
  same: [ruby('0x00000000000004c8', '/usr/local/bundle/gems')],
});
add(
  'erlang estack',
  'oom',
  `${AL}\nSlogan: temp_alloc: Cannot reallocate 34359738368 bytes of memory (of type "estack")\n\nCrash dump is being written to: erl_crash.dump...done\n`,
);
add(
  'erlang app',
  'nonzero-exit',
  `${NANOS}2025-01-06 13:38:03.701727+00:00 [info] <0.254.0> \u001b[0m\n2025-01-06 13:38:04.566218+00:00 [info] <0.254.0> Running boot step rabbit_alarm defined by app rabbit\u001b[0m\n{"Kernel pid terminated",application_controller,"{application_start_failure,rabbit,{{timeout_waiting_for_tables,[rabbit_user]},{rabbit,start,[normal,[]]}}}"}\nKernel pid terminated (application_controller) ({application_start_failure,rabbit,{{timeout_waiting_for_tables,[rabbit_user]},{rabbit,start,[normal,[]]}}})\n\nCrash dump is being written to: /var/log/rabbitmq/erl_crash.dump...done\n`,
);
const clr = (v: string) =>
  `${AL}info: Microsoft.Hosting.Lifetime[14]\n      Now listening on: http://[::]:8080\nfail: Microsoft.AspNetCore.Server.Kestrel[13]\n      Connection id "0HN7", Request id "0HN7:00000001": An unhandled exception was thrown by the application.\n      System.InvalidOperationException: boom\nFatal error. Internal CLR error. (0x80131506)\n   at System.Threading.Tasks.Task.RunContinuations(System.Object)\n   at Web.Program.Main(System.String[])\n`.replace(
    '0HN7',
    v,
  );
add('dotnet clr', 'abort', clr('0HN7'), { same: [clr('0HM1')] });
add(
  'dotnet stack',
  'stack-overflow',
  `${NANOS}Stack overflow.\nRepeat 130903 times:\n--------------------------------\n   at Web.Tree.Walk(Web.Node)\n--------------------------------\n   at Web.Program.Main(System.String[])\n`,
  {
    same: [
      `${AL}Stack overflow.\nRepeat 87213 times:\n--------------------------------\n   at Web.Tree.Walk(Web.Node)\n--------------------------------\n   at Web.Program.Main(System.String[])\n`,
    ],
  },
);
add(
  'jvm no threads',
  'oom',
  `${AL}[0.002s][warning][os,thread] Failed to start thread - pthread_create failed (EPERM) for attributes: stacksize: 1024k, guardsize: 4k, detached.\n#\n# There is insufficient memory for the Java Runtime Environment to continue.\n# Cannot create worker GC thread. Out of system resources.\n# An error report file with more information is saved as:\n# /app/hs_err_pid1.log\n`,
  { end: NEVER },
);
add(
  'jvm bus',
  'segv',
  `${NANOS}#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGBUS (0x7) at pc=0x00007f50e1e9df2e, pid=29, tid=0x00007f50c3afa700\n#\n# JRE version: OpenJDK Runtime Environment (8.0_151-b12) (build 1.8.0_151-8u151-b12-1~deb9u1-b12)\n# Problematic frame:\n# V  [libjvm.so+0x8fff2e]\n#\n`,
  {
    same: [
      `${AL}#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGBUS (0x7) at pc=0x00007fffff9df2e1, pid=999, tid=0x00007f50c3afffff\n#\n# JRE version: OpenJDK Runtime Environment (8.0_151-b12)\n# Problematic frame:\n# V  [libjvm.so+0x8fff2e]\n#\n`,
    ],
  },
);
add(
  'openj9 survived oom',
  'hang',
  `${AL}JVMDUMP039I Processing dump event "systhrow", detail "java/lang/OutOfMemoryError" at 2020/02/12 20:46:54 - please wait.\nJVMDUMP032I JVM requested Heap dump using '/app/heapdump.phd' in response to an event\nJVMDUMP013I Processed dump event "systhrow", detail "java/lang/OutOfMemoryError".\n`,
  { end: RUNS },
);
add(
  'es checks',
  'startup-config',
  `${AL}[2023-01-19T13:40:20,227][INFO ][o.e.p.PluginsService     ] [fedora] loaded module [x-pack-eql]\nERROR: [1] bootstrap checks failed. You must address the points described in the following [1] lines before starting Elasticsearch.\nbootstrap check failure [1] of [1]: max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]\nERROR: Elasticsearch did not exit normally - check the logs at /usr/share/elasticsearch/logs/docker-cluster.log\n`,
  { end: NEVER },
);
add(
  'openvpn tun',
  'startup-config',
  `${NANOS}Sat Jun 18 17:23:42 2016 Control Channel Authentication: using '/etc/openvpn/ta.key' as a OpenVPN static key file\nSat Jun 18 17:23:42 2016 ERROR: Cannot open TUN/TAP dev /dev/net/tun: No such file or directory (errno=2)\nSat Jun 18 17:23:42 2016 Exiting due to fatal error\n`,
  { end: NEVER },
);
add(
  'openvpn options',
  'startup-config',
  `${NANOS}Sun Dec  1 18:31:57 2019 disabling NCP mode (--ncp-disable) because not in P2MP client or server mode\nOptions error: You must define TUN/TAP device (--dev)\nUse --help for more information.\n`,
  { end: NEVER },
);
add(
  'nginx upstream',
  'startup-config',
  `${UK}2024/06/22 16:54:59 [emerg] 1#1: host not found in upstream "pipedfrontend:80" in /etc/nginx/conf.d/pipedfrontend.conf:2\nnginx: [emerg] host not found in upstream "pipedfrontend:80" in /etc/nginx/conf.d/pipedfrontend.conf:2\n`,
  { end: NEVER },
);
add(
  'nginx worker ill',
  'illegal-instruction',
  `${AL}2025/07/18 17:55:46 [notice] 1#1: start worker processes\n2025/07/18 17:56:02 [alert] 6#6: worker process 23 exited on signal 4\n`,
);
add(
  'rust tokio stack',
  'stack-overflow',
  `${AL}\nthread 'tokio-runtime-worker' (17) has overflowed its stack\nfatal runtime error: stack overflow, aborting\n/usr/local/bin/entrypoint.sh: line 10:     3 Aborted                 (core dumped) indexer-standalone\n`,
);
add(
  'go map by runner',
  'oom',
  `${AL}fatal error: runtime: out of memory\n\nruntime stack:\nruntime.throw(0xa9c2e9, 0x16)\n\t/usr/local/go/src/runtime/panic.go:566 +0x95\nruntime.sysMap(0xc49d7c0000, 0x11ee0000, 0xc485f9c000, 0xefb058)\n\t/usr/local/go/src/runtime/mem_linux.go:219 +0x1d0\n`,
);
add(
  'go quit',
  ['abort', 'hang', 'sigterm'],
  `${NANOS}SIGQUIT: quit\nPC=0x46a6ee m=0 sigcode=0\n\ngoroutine 1 [select, 12 minutes]:\nmain.main()\n\t/app/main.go:40 +0x1a5\n`,
);
add(
  'sh illegal',
  'illegal-instruction',
  `${AL}/docker-entrypoint.sh: line 3:     7 Illegal instruction     (core dumped) ./run\ntandem: run: exit status 132 (SIGILL)\n`,
);
add(
  'mongo wiredtiger',
  ['assert', 'abort'],
  `${AL}2023-05-22T01:10:18.909+0200 I CONTROL  [initandlisten] MongoDB starting : pid=270 port=27217 dbpath=../data/db 64-bit host=unraid\n2023-05-22T01:10:19.800+0200 E STORAGE  [initandlisten] WiredTiger error (-31802) [1684710619:800361][270:0x1], txn-recover: unable to read log: WT_ERROR\n2023-05-22T01:10:19.811+0200 F -        [initandlisten] Fatal Assertion 28718 at src/mongo/db/storage/wiredtiger/wiredtiger_kv_engine.cpp 397\n2023-05-22T01:10:19.811+0200 F -        [initandlisten] \n\n***aborting after fatalAssert() failure\n\n`,
);
