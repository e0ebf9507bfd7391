/** Healthy servers that say alarming things, or are told to end: as `lot-servers.ts`. */
import { kernelOf, ours } from './lot-boots.ts';
import type { WholeConsole } from './whole-boots.ts';
import { AL, NANOS, RUNS, SOLO5, UK, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const LOT_BENIGN: readonly WholeConsole[] = list;

const OFF = ['unknown', 'clean-exit', 'sigterm'] as const;
const agents = `10.0.0.1 - - [01/Mar/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 615 "https://a/?q=kernel BUG at mm/slub.c:4023!" "panic: runtime error"\n10.0.0.1 - - [01/Mar/2026:10:00:01 +0000] "GET /?e=Out of memory: Killed process 5 (java) HTTP/1.1" 404 15 "-" "curl SIGSEGV"\n`;
add(
  'redis, off',
  OFF,
  `${AL}\n1:M 01 Mar 2026 10:11:12.100 # WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory condition. Being disabled, it can also cause failures without low memory condition\n1:M 01 Mar 2026 10:11:12.100 * Ready to accept connections tcp\n[  901.0] reboot: Power down\n`,
);
add('nginx access, runs', 'hang', `${NANOS}${agents}`, { end: RUNS });
add('nginx access, off', OFF, `${NANOS}${agents}`);
add(
  'chat, off',
  OFF,
  `${AL}\n[   12.0] chat[311]: INFO room=7 user=ann said "my box says Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b"\n[   12.1] chat[311]: INFO room=7 user=bob said "BUG: unable to handle page fault for address: ffffb1c2, Oops: 0000 [#1] SMP"\n[   99.3] reboot: Power down\n`,
);
add(
  'mail, runs',
  'hang',
  `${AL}\nMar  1 10:11:12 ip-10 postfix/cleanup[811]: A1B2C3: warning: header Subject: general protection fault: 0000 [#1] SMP from mail.example[10.0.0.1]; from=<a@b>\n`,
  { end: RUNS },
);
add(
  'mail, off',
  OFF,
  `${AL}\nMar  1 10:11:12 ip-10 postfix/cleanup[811]: A1B2C3: warning: header Subject: kernel BUG at fs/ext4/inode.c:12! from mail.example[10.0.0.1]; from=<a@b>\n[   99.3] reboot: Power down\n`,
);
add(
  'dns queries, off',
  OFF,
  `${NANOS}01-Mar-2026 10:11:12.100 queries: info: client @0x7f5e13c0d520 10.0.0.1#5353 (segmentation.fault.example): query: panic.out-of-memory.example IN A +E(0)K (10.0.3.17)\n01-Mar-2026 10:11:12.200 queries: info: client @0x7f5e13c0d520 10.0.0.1#5353 (abort.example): query: abort.example IN A + (10.0.3.17)\n`,
);
add(
  'sql log, off',
  OFF,
  `${NANOS}2026-03-01 10:11:12.100 UTC [77] LOG:  statement: INSERT INTO logs VALUES ('*** stack smashing detected ***: terminated', 'panic: runtime error: index out of range', 'Segmentation fault (core dumped)')\n2026-03-01 10:11:13.100 UTC [78] FATAL:  password authentication failed for user "root"\n2026-03-01 10:11:14.100 UTC [78] ERROR:  division by zero\n`,
);
add(
  'glib warnings, runs',
  'hang',
  `${AL}\n(web:412): GLib-GObject-CRITICAL **: 10:11:12.123: g_object_unref: assertion 'G_IS_OBJECT (object)' failed\n(web:412): GLib-WARNING **: 10:11:12.124: poll(2) failed due to: Bad file descriptor.\n`,
  { end: RUNS },
);
add(
  'kernel warning, runs',
  'hang',
  `${AL}\n[   61.1] ------------[ cut here ]------------\n[   61.1] NETDEV WATCHDOG: eth0 (virtio_net): transmit queue 0 timed out\n[   61.1] WARNING: CPU: 0 PID: 0 at net/sched/sch_generic.c:525 dev_watchdog+0x207/0x210\n[   61.1] RIP: 0010:dev_watchdog+0x207/0x210\n[   61.1] Call Trace:\n[   61.1]  <IRQ>\n[   61.1]  call_timer_fn+0x24/0x130\n[   61.1] ---[ end trace 0000000000000000 ]---\n`,
  { end: RUNS },
);
add(
  'power button',
  OFF,
  `${AL}\n[  901.0] systemd-logind[300]: Power key pressed short.\n[  901.1] systemd-logind[300]: Powering off...\n[  901.2] systemd-logind[300]: System is powering down.\n[  OK  ] Stopped web.service - Web.\n[  OK  ] Reached target poweroff.target - System Power Off.\n[  902.1] systemd-shutdown[1]: Sending SIGTERM to remaining processes...\n[  902.3] systemd-shutdown[1]: Sending SIGKILL to remaining processes...\n[  902.5] systemd-shutdown[1]: All filesystems, swaps, loop devices, MD devices and DM devices detached.\n[  902.6] reboot: Power down\n`,
);
add(
  'postgres clients, runs',
  'hang',
  `${NANOS}2026-03-01 10:11:12.100 UTC [1] LOG:  database system is ready to accept connections\n2026-03-01 10:11:13.100 UTC [78] FATAL:  terminating connection due to administrator command\n2026-03-01 10:11:14.100 UTC [79] FATAL:  sorry, too many clients already\n2026-03-01 10:11:14.200 UTC [80] LOG:  could not receive data from client: Connection reset by peer\n`,
  { end: RUNS },
);
add(
  'mysql clients, off',
  OFF,
  `${UK}2026-03-01 10:11:12 0 [Note] mysqld: ready for connections.\n2026-03-01 11:01:05 9 [Warning] Aborted connection 9 to db: 'ha' user: 'ha' host: '172.30.32.1' (Got timeout reading communication packets)\n`,
);
add(
  'haproxy backends, runs',
  'hang',
  `${AL}\n[WARNING]  (8) : Server web/a is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 0 active and 0 backup servers left.\n[ALERT]    (8) : backend 'web' has no server available!\n`,
  { end: RUNS },
);
const request =
  'ERROR in app: Exception on /a [GET]\nTraceback (most recent call last):\n  File "/srv/app.py", line 12, in a\n    return cart["n"]\nKeyError: \'n\'\n10.0.0.1 - - [01/Mar/2026 10:00:01] "GET /a HTTP/1.1" 500 -\n';
add('flask error, then 0', 'clean-exit', ours('web', 0, `[2026-03-01 10:00:01,123] ${request}`));
add('flask error, then told', 'sigterm', ours('web', 143, `[2026-03-01 10:00:01,123] ${request}`));
add(
  'node error, then told',
  ['sigterm', 'clean-exit'],
  ours(
    'web',
    0,
    'request failed TypeError: no cart\n    at total (/srv/app.js:14:11)\n    at Server.<anonymous> (/srv/app.js:40:3)\nSIGTERM received, closing\n',
  ),
);
add(
  'go request panic, then 0',
  'clean-exit',
  ours(
    'web',
    0,
    '2026/03/01 10:11:12 http: panic serving 10.0.0.9:41022: runtime error: invalid memory address or nil pointer dereference\ngoroutine 18 [running]:\nnet/http.(*conn).serve.func1()\n\t/usr/local/go/src/net/http/server.go:1898 +0xbe\npanic({0x6d2a20?, 0x8f3a80?})\n\t/usr/local/go/src/runtime/panic.go:770 +0x132\nmain.handler({0x7f8e48, 0xc0001c20e0}, 0xc000128b40)\n\t/build/src/main.go:58 +0x73\n',
  ),
);
add(
  'java request error, then told',
  'sigterm',
  ours(
    'web',
    143,
    '2026-03-01T10:11:12.100Z ERROR 1 --- [nio-8080-exec-1] o.a.c.c.C.[dispatcherServlet] : Servlet.service() threw exception\njava.lang.NullPointerException: Cannot invoke "shop.Cart.total()" because "cart" is null\n\tat shop.Api.total(Api.java:31)\n2026-03-01T11:11:12.100Z  INFO 1 --- [ionShutdownHook] o.s.b.w.e.tomcat.GracefulShutdown : Commencing graceful shutdown. Waiting for active requests to complete\n2026-03-01T11:11:12.400Z  INFO 1 --- [tomcat-shutdown] o.s.b.w.e.tomcat.GracefulShutdown : Graceful shutdown complete\n',
  ),
);
add(
  'json about others, runs',
  'hang',
  `${AL}\n{"level":"error","ts":1772359872.9,"msg":"pod web-7 OOMKilled","reason":"Out of memory"}\n{"level":"error","msg":"plugin died","error":"panic: runtime error: invalid memory address"}\n{"severity":"ERROR","message":"thread 'main' panicked at src/main.rs:4:5 in job 12"}\n`,
  { end: RUNS },
);
add(
  'json about others, off',
  OFF,
  `${NANOS}{"level":"info","msg":"restarted container","reason":"Out of memory"}\n{"severity":"INFO","message":"job 12 ended by Segmentation fault, queued again"}\n`,
);
add(
  'nginx quits',
  ['sigterm', 'clean-exit'],
  ours(
    'nginx',
    0,
    '2026/03/01 10:11:12 [notice] 1#1: signal 3 (SIGQUIT) received from 1, shutting down\n2026/03/01 10:11:12 [notice] 29#29: gracefully shutting down\n2026/03/01 10:11:12 [notice] 1#1: worker process 29 exited with code 0\n2026/03/01 10:11:12 [notice] 1#1: exit\n',
  ),
);
add(
  'unikraft done',
  'clean-exit',
  `${UK}[    0.123] ERR:  [libposix_process] Ignore updating resource 7: cur = 1024, max = 1024\n[    0.124] Warn: [libukboot] Unknown argument x\nhello\n[    0.2] Info: [libukboot] main returned 0, halting system\n`,
);
add(
  'mirage done',
  'clean-exit',
  `${SOLO5}2026-03-01 10:11:12 -00:00: WRN [dns] timeout, abort of query 12\nSolo5: solo5_exit(0) called\n`,
);
add(
  'redis child, runs',
  'hang',
  `${NANOS}1:M 01 Mar 2026 10:11:12.100 # Background saving terminated by signal 9\n1:M 01 Mar 2026 10:11:12.100 # MISCONF Errors writing to the AOF file\n`,
  { end: RUNS },
);
add(
  'compiler output, runs',
  'hang',
  kernelOf(
    'warning: unused variable `panic`\n[build] src/abort.c:31: note: in expansion of macro assert\ntest result: ok. 12 passed; 0 failed (should_panic: 3)\nlistening on 8080\n',
  ),
  { end: RUNS },
);
