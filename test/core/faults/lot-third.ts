/** A third lot, collected when the second was mended: mostly healthy machines, where the second did worst. */
import { kernelOf, ours } from './lot-boots.ts';
import type { WholeConsole } from './whole-boots.ts';
import { AL, NANOS, NEVER, RUNS, UK, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const LOT_THIRD: readonly WholeConsole[] = list;
const OFF = ['unknown', 'clean-exit', 'sigterm'] as const;

add(
  'mosquitto goes',
  ['sigterm', 'clean-exit'],
  ours(
    'mosquitto',
    0,
    '2026-03-01T10:11:12: mosquitto version 2.0.18 running\n2026-03-01T11:11:12: mosquitto version 2.0.18 terminating\n2026-03-01T11:11:12: Saving in-memory database to /mosquitto/data//mosquitto.db.\n',
  ),
);
add(
  'postgres goes, foreign',
  ['sigterm', 'clean-exit', 'unknown'],
  `${NANOS}2026-03-01 10:11:12.100 UTC [1] LOG:  received fast shutdown request\n2026-03-01 10:11:12.110 UTC [1] LOG:  aborting any active transactions\n2026-03-01 10:11:12.120 UTC [77] FATAL:  terminating connection due to administrator command\n2026-03-01 10:11:12.130 UTC [1] LOG:  database system is shut down\n`,
);
add(
  'rabbit goes',
  ['sigterm', 'clean-exit'],
  ours(
    'rabbitmq',
    0,
    '2026-03-01 10:11:12.100000+00:00 [notice] <0.64.0> SIGTERM received - shutting down\n2026-03-01 10:11:12.200000+00:00 [warning] <0.700.0> HTTP listener registry could not find context rabbitmq_prometheus_tls\n2026-03-01 10:11:12.300000+00:00 [info] <0.500.0> Successfully stopped RabbitMQ and its dependencies\n',
  ),
);
add(
  'rabbit alarm, runs',
  'hang',
  `${AL}\n2026-03-01 10:11:12.100000+00:00 [warning] <0.500.0> memory resource limit alarm set on node rabbit@ip-10.\n2026-03-01 10:11:12.100000+00:00 [error] <0.811.0> closing AMQP connection <0.811.0> (10.0.0.1:41022 -> 10.0.3.17:5672):\n{handshake_timeout,frame_header}\n`,
  { end: RUNS },
);
add(
  'sshd log, off',
  OFF,
  `${AL}\nMar  1 10:11:12 ip-10 sshd[811]: fatal: Timeout before authentication for 10.0.0.1 port 41022\nMar  1 10:11:13 ip-10 sshd[812]: error: kex_exchange_identification: Connection closed by remote host\n[  901.0] reboot: Power down\n`,
);
add(
  'kafka log, off',
  OFF,
  `${NANOS}[2026-03-01 10:11:12,100] WARN [Producer clientId=p-1] Got error produce response with correlation id 12 on topic-partition panic-events-0, retrying (2147483646 attempts left). Error: NOT_LEADER_OR_FOLLOWER (org.apache.kafka.clients.producer.internals.Sender)\n[2026-03-01 10:11:13,100] ERROR Failed to clean up log for __consumer_offsets-7 in dir /data due to IOException (kafka.server.LogDirFailureChannel)\n`,
);
add(
  'node warning, runs',
  'hang',
  `${NANOS}(node:1) MaxListenersExceededWarning: Possible EventEmitter memory leak detected. 11 error listeners added to [Socket].\n(node:1) [DEP0005] DeprecationWarning: Buffer() is deprecated due to security and usability issues.\nlistening on 8080\n`,
  { end: RUNS },
);
add(
  'rust log, off',
  OFF,
  `${UK}2026-03-01T10:11:12.123456Z ERROR web::jobs: job 12 failed: task 77 panicked with message "index out of bounds"\n2026-03-01T10:11:12.200000Z  INFO web::jobs: job 12 queued again\n`,
);
add(
  'python asyncio, told',
  ['sigterm', 'clean-exit'],
  ours(
    'web',
    0,
    "Task exception was never retrieved\nfuture: <Task finished name='Task-7' coro=<f() done> exception=ValueError('no cart')>\nTraceback (most recent call last):\n  File \"/srv/app.py\", line 9, in f\n    raise ValueError('no cart')\nValueError: no cart\nINFO:     Shutting down\nINFO:     Finished server process [1]\n",
  ),
);
add(
  'usb and edac noise, off',
  OFF,
  `${AL}\n[   12.1] EDAC MC0: 1 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0\n[   12.2] blk_update_request: I/O error, dev fd0, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0\n[   12.3] systemd[1]: Failed to start systemd-networkd-wait-online.service - Wait for Network to be Configured.\n[  901.0] reboot: Power down\n`,
);
add('container child, runs', 'hang', `${AL}\nweb: worker 912 exited with code 139, another was started\n`, { end: RUNS });
add(
  'feature names, off',
  OFF,
  `${NANOS}features: panic-handler=off, abort-on-oom=on, assert=off\ncrash reporter: none\ndeadlock detector: on\n`,
);
add(
  'forum, off',
  OFF,
  `${NANOS}{"time":"2026-03-01T10:11:12Z","level":"INFO","msg":"post","title":"Help: double free or corruption (out)","body":"Aborted"}\n{"time":"2026-03-01T10:11:13Z","level":"INFO","msg":"search","q":"Out of memory: Killed process"}\n`,
);
add(
  'old nginx goes',
  ['sigterm', 'clean-exit'],
  `${AL}\n2026/03/01 10:11:12 [notice] 1#1: signal 15 (SIGTERM) received from 1, exiting\n2026/03/01 10:11:12 [notice] 29#29: exiting\n2026/03/01 10:11:12 [notice] 1#1: signal 17 (SIGCHLD) received from 29\n2026/03/01 10:11:12 [notice] 1#1: exit\n`,
);

add(
  'varnish vcl',
  'startup-config',
  ours(
    'varnish',
    255,
    "Error:\nMessage from VCC-compiler:\nExpected an action, 'if', '{' or '}'\n('/etc/varnish/default.vcl' Line 9 Pos 3)\n  foo;\n--###\nRunning VCC-compiler failed, exited with 2\nVCL compilation failed\n",
  ),
  { end: NEVER },
);
add('mosquitto bridge', 'startup-config', `${NANOS}2026-03-01T10:11:12: Error: Unable to open configuration file.\n`, {
  end: NEVER,
});
add(
  'postfix fatal',
  'startup-config',
  ours('postfix', 1, 'postfix: fatal: open /etc/postfix/main.cf: No such file or directory\n'),
  { end: NEVER },
);
add(
  'kafka storage',
  'startup-config',
  ours(
    'kafka',
    1,
    '[2026-03-01 10:11:12,100] ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)\njava.lang.RuntimeException: No readable meta.properties files found.\n\tat org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.verify(MetaPropertiesEnsemble.java:480)\n',
  ),
  { end: NEVER },
);
add(
  'nats store',
  'startup-config',
  ours('nats', 1, "nats-server: can't start JetStream: could not create storage directory - mkdir /data: permission denied\n"),
  { end: NEVER },
);
add(
  'clickhouse check',
  'assert',
  ours(
    'clickhouse',
    134,
    "2026.03.01 10:11:12.100 [ 1 ] {} <Fatal> : Logical error: 'Column position is out of bounds'.\nAssertion failed: pos < size() (../src/Core/Block.cpp: getByPosition: 88)\n",
  ),
);
add(
  'ceph assert',
  'assert',
  ours(
    'ceph-osd',
    134,
    "/build/ceph-17.2.6/src/os/bluestore/BlueStore.cc: In function 'void BlueStore::_txc_apply_kv()' thread 7f5e13c0d520 time 2026-03-01T10:11:12.100+0000\n/build/ceph-17.2.6/src/os/bluestore/BlueStore.cc: 12345: FAILED ceph_assert(r == 0)\n ceph version 17.2.6 (d7ff0d10654d2280e08f1ab989c7cdf3064446a5) quincy (stable)\n",
  ),
);
add(
  'mysql signal 11',
  'segv',
  `${UK}2026-03-01T10:11:12Z UTC - mysqld got signal 11 ;\nMost likely, you have hit a bug, but this error can also be caused by malfunctioning hardware.\nThread pointer: 0x7f5e13c0d520\n`,
);
add(
  'couchbase memory',
  'oom',
  `${AL}\nterminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n`,
);
add(
  'freeswitch',
  'abort',
  kernelOf('[  12.1] potentially unexpected fatal signal 6.\ntandem: freeswitch: exit status 134 (SIGABRT)\n'),
);
