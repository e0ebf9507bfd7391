/** Ends of servers, collected after the rules were written, and named before they were run. */
import { ours } from './lot-boots.ts';
import type { WholeConsole } from './whole-boots.ts';
import { AL, NANOS, NEVER, RUNS, UK, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const LOT_SERVERS: readonly WholeConsole[] = list;

add('memcached port', 'startup-config', ours('memcached', 71, 'failed to listen on TCP port 11211: Address already in use\n'), {
  end: NEVER,
});
add(
  'memcached assert',
  'assert',
  ours('memcached', 134, "memcached: items.c:372: do_item_unlink: Assertion `it->refcount > 0' failed.\n"),
);
add(
  'unbound ports',
  'startup-config',
  `${NANOS}[1549497232] unbound[24:0] notice: init module 0: validator\n[1549497232] unbound[24:0] error: can't bind socket: Permission denied for 0.0.0.0 port 53\n[1549497232] unbound[24:0] fatal error: could not open ports\n`,
  { end: NEVER },
);
const evmap = (line: string) => ours('unbound', 134, `[err] evmap.c:${line}: Assertion nread >= 0 failed in evmap_io_del_\n`);
add('libevent assert', 'assert', evmap('381'), { differs: [evmap('452')] });
const unbound = (ip: string, sp: string, base: string, pid: string) =>
  `${AL}\n[ 8097.876261] unbound[${pid}]: segfault at 0  ip ${ip} sp ${sp} error 4 in unbound[${base}+14f000]\n[ 8097.9] systemd[1]: unbound.service: Main process exited, code=killed, status=11/SEGV\n`;
add('unbound segv', 'null-deref', unbound('000055cb735853b1', '00007ffd037fe6c8', '55cb73533000', '5458'), {
  same: [unbound('000056fe010523b1', '00007ffc575b6318', '56fe01000000', '88')],
  differs: [unbound('000055cb73585cb5', '00007ffd037fe6c8', '55cb73533000', '5458')],
});
const bbolt = (page: string, gid: string, at: string) =>
  ours(
    'etcd',
    2,
    `{"level":"info","ts":"2026-03-01T10:11:12.150Z","caller":"embed/etcd.go:309","msg":"starting an etcd server","etcd-version":"3.5.15"}\npanic: freepages: failed to get all reachable pages (page ${page}: multiple references (stack: [${page} 12 77]))\n\ngoroutine ${gid} [running]:\ngo.etcd.io/bbolt.(*DB).freepages.func2()\n\t/go/pkg/mod/go.etcd.io/bbolt@v1.3.10/db.go:${at} +0x99\ncreated by go.etcd.io/bbolt.(*DB).freepages in goroutine 1\n\t/go/pkg/mod/go.etcd.io/bbolt@v1.3.10/db.go:1205 +0x1c5\n`,
  );
add('etcd pages', 'abort', bbolt('6148914', '112', '1207'), {
  same: [bbolt('905', '9', '1207')],
  differs: [bbolt('6148914', '112', '1300')],
});
add(
  'etcd discovery',
  ['startup-config', 'nonzero-exit'],
  ours(
    'etcd',
    1,
    '{"level":"warn","ts":"2026-03-01T10:11:13.150Z","caller":"etcdmain/etcd.go:75","msg":"failed to verify flags"}\n{"level":"fatal","ts":"2026-03-01T10:11:13.151Z","caller":"etcdmain/etcd.go:204","msg":"discovery failed","error":"cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs","stacktrace":"go.etcd.io/etcd/server/v3/etcdmain.startEtcdOrProxyV2\\n\\tgo.etcd.io/etcd/server/v3/etcdmain/etcd.go:204"}\n',
  ),
  { end: NEVER },
);
add(
  'consul addresses',
  'startup-config',
  ours('consul', 1, "==> Multiple private IPv4 addresses found. Please configure one with 'bind' and/or 'advertise'.\n"),
  { end: NEVER },
);
add(
  'vault nil',
  'null-deref',
  `${NANOS}Error detecting redirect address: Get http://127.0.0.1:8500/v1/agent/self: dial tcp 127.0.0.1:8500: connect: connection refused\npanic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1061212]\n\ngoroutine 1 [running]:\nsync.(*RWMutex).Lock(0x0)\n\t/usr/local/go/src/sync/rwmutex.go:87 +0x2f\ngithub.com/hashicorp/vault/vault.(*Core).Shutdown(0x0, 0x0, 0x0)\n\t/gopath/src/github.com/hashicorp/vault/vault/core.go:582 +0x54\n`,
  { end: NEVER },
);
add(
  'mosquitto port',
  'startup-config',
  ours(
    'mosquitto',
    1,
    '2026-06-04T21:19:13: mosquitto version 2.0.18 starting\n2026-06-04T21:19:13: Config loaded from /mosquitto/config/mosquitto.conf.\n2026-06-04T21:19:13: Opening ipv4 listen socket on port 443.\n2026-06-04T21:19:13: Error: Permission denied\n',
  ),
  { end: NEVER },
);
add(
  'httpd port',
  'startup-config',
  ours(
    'httpd',
    1,
    "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using 172.20.11.135. Set the 'ServerName' directive globally to suppress this message\n(13)Permission denied: AH00072: make_sock: could not bind to address [::]:80\n(13)Permission denied: AH00072: make_sock: could not bind to address 0.0.0.0:80\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n",
  ),
  { end: NEVER },
);
add(
  'httpd child',
  'segv',
  `${AL}\n[Sun Mar 01 10:11:12.123456 2026] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.58 (Unix) configured -- resuming normal operations\n[Sun Mar 01 10:14:12.123456 2026] [core:notice] [pid 1:tid 1] AH00051: child pid 4242 exit signal Segmentation fault (11), possible coredump in /usr/local/apache2\n`,
);
add(
  'rabbit cookie',
  'startup-config',
  ours(
    'rabbitmq',
    1,
    '\nBOOT FAILED\n2026-03-03 06:52:12.532743+00:00 [error] <0.131.0>\n2026-03-03 06:52:12.532743+00:00 [error] <0.131.0> BOOT FAILED\n2026-03-03 06:52:12.532743+00:00 [error] <0.131.0> ===========\n2026-03-03 06:52:12.532743+00:00 [error] <0.131.0> Exception during startup:\n2026-03-03 06:52:12.532743+00:00 [error] <0.131.0>\n2026-03-03 06:52:12.532743+00:00 [error] <0.131.0> error:{badmatch,{error,{{shutdown,{failed_to_start_child,auth,{"Error when reading /var/lib/rabbitmq/.erlang.cookie: eacces",[{auth,init_no_setcookie,0,[{file,"auth.erl"},{line,313}]}]}}}}}\n',
  ),
  { end: NEVER },
);
const innodb = (tid: string, file: string, line: string) =>
  `${NANOS}2026-01-09  0:00:16 297 [ERROR] InnoDB: Space id and page no stored in the page, read in are [page id: space=10, page number=1042], should be [page id: space=10, page number=263186]\n2026-01-09 00:00:16 ${tid}  InnoDB: Assertion failure in file /home/buildozer/aports/main/mariadb/src/mariadb-10.5.13/storage/innobase/${file} line ${line}\nInnoDB: Failing assertion: btr_page_get_prev(next_page) == btr_pcur_get_block(cursor)->page.id().page_no()\nInnoDB: We intentionally generate a memory trap.\nInnoDB: Submit a detailed bug report to https://jira.mariadb.org/\nInnoDB: If you get repeated assertion failures or crashes, even\nInnoDB: immediately after the mysqld startup, there may be\nInnoDB: corruption in the InnoDB tablespace.\n260109  0:00:16 [ERROR] mysqld got signal 6 ;\nThis could be because you hit a bug.\n`;
add('innodb assert', 'assert', innodb('0x8feb9d30', 'btr/btr0pcur.cc', '521'), {
  same: [innodb('0x7fcb6cb3c700', 'btr/btr0pcur.cc', '521')],
  differs: [innodb('0x8feb9d30', 'fil/fil0fil.cc', '620')],
});
add(
  'mysql aborting',
  'startup-config',
  ours(
    'mysqld',
    1,
    "2026-03-01T10:11:12.000000Z 0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.0.36) starting as process 1\n2026-03-01T10:11:12.100000Z 0 [ERROR] [MY-010187] [Server] Could not open file '/var/log/mysqld.log' for error logging: Permission denied\n2026-03-01T10:11:12.100100Z 0 [ERROR] [MY-010119] [Server] Aborting\n2026-03-01T10:11:12.100200Z 0 [System] [MY-010910] [Server] /usr/sbin/mysqld: Shutdown complete (mysqld 8.0.36)  Source distribution.\n",
  ),
  { end: NEVER },
);
add(
  'postgres shared memory',
  ['oom', 'startup-config'],
  `${NANOS}2026-03-01 10:11:12.100 UTC [1] FATAL:  could not map anonymous shared memory: Cannot allocate memory\n2026-03-01 10:11:12.100 UTC [1] HINT:  This error usually means that PostgreSQL's request for a shared memory segment exceeded available memory, swap space, or huge pages.\n`,
  { end: NEVER },
);
add(
  'postgres killed',
  ['oom', 'abort'],
  `${AL}\n2026-03-01 10:11:12.100 UTC [1] LOG:  database system is ready to accept connections\n2026-03-01 12:11:12.100 UTC [1] LOG:  server process (PID 4242) was terminated by signal 9: Killed\n2026-03-01 12:11:12.100 UTC [1] DETAIL:  Failed process was running: SELECT 1\n2026-03-01 12:11:12.100 UTC [1] LOG:  terminating any other active server processes\n`,
);
const trap = (pid: string, line: string) =>
  ours(
    'postgres',
    1,
    `2026-03-01 10:11:12.100 UTC [1] LOG:  database system is ready to accept connections\nTRAP: failed Assert("BufferIsValid(buffer)"), File: "bufmgr.c", Line: ${line}, PID: ${pid}\npostgres: walsender(ExceptionalCondition+0x7b)[0x55d8d1b2a1eb]\n2026-03-01 10:21:12.100 UTC [1] LOG:  server process (PID ${pid}) was terminated by signal 6: Aborted\n2026-03-01 10:21:12.200 UTC [1] LOG:  terminating any other active server processes\n`,
  );
add('postgres trap', 'assert', trap('77', '1234'), { same: [trap('4012', '1234')], differs: [trap('77', '88')] });
add(
  'postgres password',
  'startup-config',
  ours(
    'postgres',
    1,
    'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n',
  ),
  { end: NEVER },
);
const redisOom = (bytes: string, pid: string) =>
  `${UK}${pid}:M 01 Mar 2026 10:11:12.100 * Ready to accept connections tcp\n${pid}:M 01 Mar 2026 10:21:12.100 # Out Of Memory allocating ${bytes} bytes!\n\n\n=== REDIS BUG REPORT START: Cut & paste starting from here ===\n${pid}:M 01 Mar 2026 10:21:12.101 # ------------------------------------------------\n${pid}:M 01 Mar 2026 10:21:12.101 # !!! Software Failure. Press left mouse button to continue\n${pid}:M 01 Mar 2026 10:21:12.101 # Guru Meditation: Redis aborting for OUT OF MEMORY. Allocating ${bytes} bytes! #server.c:6284\n${pid}:M 01 Mar 2026 10:21:12.101 # ------------------------------------------------\n`;
add('redis guru', 'oom', redisOom('1073741824', '1'), { same: [redisOom('77', '9')] });
add(
  'valkey nil',
  ['null-deref', 'segv'],
  ours(
    'valkey',
    139,
    '\n\n=== VALKEY BUG REPORT START: Cut & paste starting from here ===\n1:M 01 Mar 2026 10:21:12.101 # valkey 8.0.1 crashed by signal: 11, si_code: 1\n1:M 01 Mar 2026 10:21:12.101 # Accessing address: (nil)\n1:M 01 Mar 2026 10:21:12.101 # Crashed running the instruction at: 0x55d8d1b2a1eb\n',
  ),
);
add(
  'haproxy bind',
  'startup-config',
  ours(
    'haproxy',
    1,
    '[NOTICE]   (1) : haproxy version is 2.9.5-260dbb8\n[ALERT]    (1) : Binding [/etc/haproxy/haproxy.cfg:12] for frontend web: cannot bind socket (Address already in use) for [0.0.0.0:80]\n[ALERT]    (1) : [haproxy.main()] Some protocols failed to start their listeners! Exiting.\n',
  ),
  { end: NEVER },
);
add(
  'named option',
  'startup-config',
  `${NANOS}01-Mar-2026 10:11:12.100 starting BIND 9.18.24 (Extended Support Version) <id:>\n01-Mar-2026 10:11:12.100 loading configuration from '/etc/bind/named.conf'\n01-Mar-2026 10:11:12.110 /etc/bind/named.conf:3: unknown option 'listn-on'\n01-Mar-2026 10:11:12.110 loading configuration: failure\n01-Mar-2026 10:11:12.110 exiting (due to fatal error)\n`,
  { end: NEVER },
);
add(
  'tor port',
  'startup-config',
  `${NANOS}Mar 01 10:11:12.000 [notice] Opening Socks listener on 0.0.0.0:9050\nMar 01 10:11:12.000 [warn] Could not bind to 0.0.0.0:9050: Address already in use. Is Tor already running?\nMar 01 10:11:12.000 [warn] Failed to parse/validate config: Failed to bind one of the listener ports.\nMar 01 10:11:12.000 [err] Reading config failed--see warnings above.\n`,
  { end: NEVER },
);
add(
  'envoy config',
  'startup-config',
  ours(
    'envoy',
    1,
    "[2026-03-01 10:11:12.123][1][info][main] [source/server/server.cc:431] initializing epoch 0\n[2026-03-01 10:11:12.131][1][critical][main] [source/server/server.cc:131] error initializing configuration '/etc/envoy/envoy.yaml': Protobuf message (type envoy.config.bootstrap.v3.Bootstrap reason INVALID_ARGUMENT: (static_resources.listeners[0]) invalid name adress) has unknown fields\n[2026-03-01 10:11:12.132][1][info][main] [source/server/server.cc:972] exiting\n",
  ),
  { end: NEVER },
);
const envoy = (tid: string, line: string) =>
  ours(
    'envoy',
    134,
    `[2026-03-01 10:11:12.123][${tid}][critical][assert] [source/common/upstream/x.cc:${line}] assert failure: host != nullptr. Details: missing\n[2026-03-01 10:11:12.124][${tid}][critical][backtrace] [./source/server/backtrace.h:104] Caught Aborted, suspect faulting address 0x38aba00000011\n`,
  );
add('envoy assert', 'assert', envoy('17', '88'), { same: [envoy('21', '88')], differs: [envoy('17', '90')] });
add(
  'mongo data dir',
  'startup-config',
  ours(
    'mongod',
    100,
    '{"t":{"$date":"2026-03-01T10:11:12.100+00:00"},"s":"I",  "c":"CONTROL",  "id":4615611, "ctx":"initandlisten","msg":"MongoDB starting","attr":{"pid":1,"port":27017,"dbPath":"/data/db"}}\n{"t":{"$date":"2026-03-01T10:11:12.200+00:00"},"s":"E",  "c":"CONTROL",  "id":20557,   "ctx":"initandlisten","msg":"DBException in initAndListen, terminating","attr":{"error":"NonExistentPath: Data directory /data/db not found. Create the missing directory or specify another path using (1) the --dbpath command line option"}}\n{"t":{"$date":"2026-03-01T10:11:12.300+00:00"},"s":"I",  "c":"CONTROL",  "id":23138,   "ctx":"initandlisten","msg":"Shutting down","attr":{"exitCode":100}}\n',
  ),
  { end: NEVER },
);
add(
  'prometheus config',
  'startup-config',
  ours(
    'prometheus',
    2,
    'ts=2026-03-01T10:11:12.100Z caller=main.go:537 level=error msg="Error loading config (--config.file=/etc/prometheus/prometheus.yml)" file=/etc/prometheus/prometheus.yml err="parsing YAML file /etc/prometheus/prometheus.yml: yaml: unmarshal errors:\\n  line 3: field scrape_intervl not found in type config.plain"\n',
  ),
  { end: NEVER },
);
add('nats file', 'startup-config', ours('nats', 1, 'nats-server: open /etc/nats/nats.conf: no such file or directory\n'), {
  end: NEVER,
});
add(
  'coredns directive',
  'startup-config',
  ours('coredns', 1, "/etc/coredns/Corefile:3 - Error during parsing: Unknown directive 'forwad'\n"),
  { end: NEVER },
);
add(
  'squid config',
  'startup-config',
  ours(
    'squid',
    1,
    '2026/03/01 10:11:12| Processing Configuration File: /etc/squid/squid.conf (depth 0)\n2026/03/01 10:11:12| FATAL: Bungled /etc/squid/squid.conf line 3: http_acess allow all\n2026/03/01 10:11:12| Squid Cache (Version 5.7): Terminated abnormally.\n',
  ),
  { end: NEVER },
);
add(
  'squid signal',
  'segv',
  `${NANOS}2026/03/01 10:11:12| Accepting HTTP Socket connections at conn3 local=0.0.0.0:3128\nFATAL: Received Segment Violation...dying.\n2026/03/01 10:41:12| Closing HTTP(S) port 0.0.0.0:3128\n`,
);
add(
  'dnsmasq port',
  'startup-config',
  ours('dnsmasq', 2, '\ndnsmasq: failed to create listening socket for port 53: Address in use\n'),
  { end: NEVER },
);
add(
  'cassandra yaml',
  'startup-config',
  `${UK}ERROR [main] 2026-03-01 10:11:12,100 CassandraDaemon.java:898 - Exception encountered during startup: Invalid yaml. Please remove properties [foo] from your cassandra.yaml\n`,
  { end: NEVER },
);
add(
  'zookeeper config',
  'startup-config',
  ours(
    'zookeeper',
    2,
    '2026-03-01 10:11:12,100 [myid:] - INFO  [main:QuorumPeerConfig@177] - Reading configuration from: /conf/zoo.cfg\n2026-03-01 10:11:12,110 [myid:] - ERROR [main:QuorumPeerMain@99] - Invalid config, exiting abnormally\norg.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Error processing /conf/zoo.cfg\n\tat org.apache.zookeeper.server.quorum.QuorumPeerConfig.parse(QuorumPeerConfig.java:198)\n',
  ),
  { end: NEVER },
);
add(
  'sshd option',
  'startup-config',
  ours(
    'sshd',
    255,
    '/etc/ssh/sshd_config: line 3: Bad configuration option: PermitRootLogn\n/etc/ssh/sshd_config: terminating, 1 bad configuration options\n',
  ),
  { end: NEVER },
);
add(
  'tomcat connector, runs',
  ['startup-config', 'boot-failure'],
  `${AL}\n01-Mar-2026 10:11:12.100 SEVERE [main] org.apache.catalina.util.LifecycleBase.handleSubClassException Failed to initialize component [Connector[HTTP/1.1-8080]]\n\torg.apache.catalina.LifecycleException: Protocol handler initialization failed\n\t\tat org.apache.catalina.connector.Connector.initInternal(Connector.java:1011)\n\tCaused by: java.net.BindException: Address already in use\n\t\tat sun.nio.ch.Net.bind0(Native Method)\n`,
  { end: { ...RUNS, wasHealthy: false } },
);
