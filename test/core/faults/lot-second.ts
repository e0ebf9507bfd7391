/** Servers and runtimes that were collected when the first lot was mended, to see what that is worth to others. */
import { ours } from './lot-boots.ts';
import type { WholeConsole } from './whole-boots.ts';
import { AL, NANOS, NEVER, UK, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const LOT_SECOND: readonly WholeConsole[] = list;

const radius = (line: string, at: string) =>
  `${AL}\nSun Mar  1 10:11:12 2026 : Info: Ready to process requests\nASSERT FAILED src/lib/io/master.c[${line}]: a != NULL\nCAUGHT SIGNAL: Aborted\nBacktrace of last 13 frames:\n/usr/local/lib/libfreeradius-util.so(fr_fault+0x100)[${at}]\n_EXIT(0) CALLED src/lib/debug.c[760]\n`;
add('freeradius', 'assert', radius('208', '0x7fdbe48755b3'), {
  same: [radius('208', '0x7f70b7f0f200')],
  differs: [radius('646', '0x7fdbe48755b3')],
});
const dovecot = (pid: string, line: string) =>
  `${NANOS}Mar 01 10:11:12 lmtp(user@host)<${pid}><yHG7K3BwgWEikwAA0J78UA>: Panic: file array.c: line ${line} (array_idx_modifiable_i): assertion failed: (idx < array->buffer->used / array->element_size)\nMar 01 10:11:12 lmtp(user@host)<${pid}><yHG7K3BwgWEikwAA0J78UA>: Fatal: master: service(lmtp): child ${pid} killed with signal 6 (core not dumped - set service lmtp { drop_priv_before_exec=yes })\n`;
add('dovecot panic', 'assert', dovecot('37666', '10'), { same: [dovecot('12', '10')], differs: [dovecot('37666', '77')] });
add(
  'dovecot setting',
  'startup-config',
  ours('dovecot', 89, 'doveconf: Fatal: Error in configuration file /etc/dovecot/dovecot.conf line 2: Unknown setting: foo\n'),
  { end: NEVER },
);
add(
  'kamailio child',
  'segv',
  `${AL}\nMar 17 16:22:28 ip-10 kamailio[1376]: ALERT: <core> [main.c:727]: handle_sigs(): child process 1381 exited by a signal 11\nMar 17 16:22:28 ip-10 kamailio[1376]: ALERT: <core> [main.c:730]: handle_sigs(): core was generated\nMar 17 16:22:28 ip-10 kamailio[1376]: INFO: <core> [main.c:742]: handle_sigs(): terminating due to SIGCHLD\nMar 17 16:22:28 ip-10 kamailio[1379]: INFO: <core> [main.c:793]: sig_usr(): signal 15 received\n`,
);
const scylla = (shard: string) =>
  ours(
    'scylla',
    139,
    `INFO  2026-03-01 10:11:12,100 [shard 0] init - serving\nSegmentation fault on shard ${shard}.\nBacktrace:\n  0x00000000004a2bdb\n  0x00000000004a2cac\n`,
  );
add('scylla shard', 'segv', scylla('3'), { same: [scylla('10')] });
const rethink = (pid: string) =>
  `${UK}Version: rethinkdb 2.4.3 (GCC 10.2.1)\nerror: Error in src/arch/runtime/thread_pool.cc at line 359:\nerror: Segmentation fault from reading the address 0x8.\nerror: Backtrace:\nerror: Sun Mar  1 10:11:${pid} 2026\n`;
add('rethinkdb', ['segv', 'null-deref'], rethink('12'), { same: [rethink('59')] });
add(
  'loki bus',
  'segv',
  ours(
    'loki',
    2,
    'level=info ts=2026-03-01T10:11:14.943526359Z caller=main.go:129 msg="Starting Loki"\nunexpected fault address 0x7f7434ca0008\nfatal error: fault\n[signal SIGBUS: bus error code=0x2 addr=0x7f7434ca0008 pc=0xe6d3c5]\n\ngoroutine 1 [running]:\ngo.etcd.io/bbolt.(*freelist).read(0xc0000b2100)\n\t/src/vendor/go.etcd.io/bbolt/freelist.go:236 +0x1d\n',
  ),
);
add(
  'loki field',
  'startup-config',
  ours(
    'loki',
    1,
    'failed parsing config: /etc/loki/local-config.yaml: yaml: unmarshal errors:\n  line 41: field max_transfer_retries not found in type ingester.Config. Use `-config.expand-env=true` flag if you want to expand environment variables in your config file\n',
  ),
  { end: NEVER },
);
add(
  'grafana folder',
  'startup-config',
  ours(
    'grafana',
    1,
    "GF_PATHS_DATA='/var/lib/grafana' is not writable.\nYou may have issues with file permissions, more information here: http://docs.grafana.org/installation/docker/\nmkdir: can't create directory '/var/lib/grafana/plugins': Permission denied\n",
  ),
  { end: NEVER },
);
add(
  'keycloak port',
  'startup-config',
  ours(
    'keycloak',
    1,
    "2026-03-01 10:11:12,100 ERROR [org.keycloak.quarkus.runtime.cli.ExecutionExceptionHandler] (main) ERROR: Failed to start server in (production) mode\n2026-03-01 10:11:12,101 ERROR [org.keycloak.quarkus.runtime.cli.ExecutionExceptionHandler] (main) ERROR: Strict hostname resolution configured but no hostname setting provided\n2026-03-01 10:11:12,102 ERROR [org.keycloak.quarkus.runtime.cli.ExecutionExceptionHandler] (main) For more details run the same command passing the '--verbose' option. Also you can use '--help' to see the details about the usage of the particular command.\n",
  ),
  { end: NEVER },
);
add(
  'minio credentials',
  'startup-config',
  ours(
    'minio',
    1,
    'FATAL Unable to validate credentials inherited from the shell environment: Invalid credentials\n      > Please provide correct credentials\n      HINT:\n        MINIO_ROOT_USER length should be at least 3, and MINIO_ROOT_PASSWORD length at least 8 characters\n',
  ),
  { end: NEVER },
);
add(
  'traefik entry',
  'startup-config',
  ours(
    'traefik',
    1,
    '2026/03/01 10:11:12 command traefik error: error while building entryPoint web: error preparing server: error opening listener: listen tcp :80: bind: permission denied\n',
  ),
  { end: NEVER },
);
add(
  'vector source',
  'startup-config',
  ours(
    'vector',
    78,
    '2026-03-01T10:11:12.123456Z  INFO vector::app: Loading configs. paths=["/etc/vector/vector.yaml"]\n2026-03-01T10:11:12.130000Z ERROR vector::cli: Configuration error. error=Source "in": data did not match any variant of untagged enum\n',
  ),
  { end: NEVER },
);
add(
  'lighttpd log',
  'startup-config',
  ours(
    'lighttpd',
    255,
    "2026-03-01 10:11:12: (log.c.171) opening errorlog '/var/log/lighttpd/error.log' failed: Permission denied\n2026-03-01 10:11:12: (server.c.1158) Opening errorlog failed. Going down.\n",
  ),
  { end: NEVER },
);
add(
  'caddy adapt',
  'startup-config',
  ours(
    'caddy',
    1,
    '{"level":"info","ts":1772359872.1,"msg":"using provided configuration","config_file":"/etc/caddy/Caddyfile"}\nError: adapting config using caddyfile: /etc/caddy/Caddyfile:3: unrecognized directive: revrse_proxy\n',
  ),
  { end: NEVER },
);
add(
  'powerdns backend',
  'startup-config',
  ours(
    'pdns',
    1,
    "Mar 01 10:11:12 Loading '/usr/lib/pdns/libgmysqlbackend.so'\nMar 01 10:11:12 Fatal error: Trying to set unknown setting 'lanch'\n",
  ),
  { end: NEVER },
);
add('knot crash', 'abort', `${NANOS}2026-03-01T10:11:12+0000 info: server started\nAborted (core dumped)\n`);
add(
  'influx open',
  'startup-config',
  ours('influxd', 1, 'run: open server: open tsdb store: open /var/lib/influxdb/data: permission denied\n'),
  { end: NEVER },
);
add(
  'redis module',
  'startup-config',
  `${NANOS}1:M 01 Mar 2026 10:11:12.100 # Module /usr/lib/redis/modules/search.so failed to load: /usr/lib/redis/modules/search.so: undefined symbol: x\n1:M 01 Mar 2026 10:11:12.100 # Can't load module from /usr/lib/redis/modules/search.so: server aborting\n`,
  { end: NEVER },
);
add(
  'mysqld upgrade',
  'startup-config',
  ours(
    'mysqld',
    1,
    '2026-03-01T10:11:12.100000Z 1 [ERROR] [MY-014061] [Server] Invalid MySQL server upgrade: Cannot upgrade from 50744 to 80400.\n2026-03-01T10:11:12.200000Z 0 [ERROR] [MY-010020] [Server] Data Dictionary initialization failed.\n2026-03-01T10:11:12.300000Z 0 [ERROR] [MY-010119] [Server] Aborting\n',
  ),
  { end: NEVER },
);
add(
  'postgres version',
  'startup-config',
  `${NANOS}2026-03-01 10:11:12.100 UTC [1] FATAL:  database files are incompatible with server\n2026-03-01 10:11:12.100 UTC [1] DETAIL:  The data directory was initialized by PostgreSQL version 15, which is not compatible with this version 16.2.\n`,
  { end: NEVER },
);
add(
  'elastic lock',
  'startup-config',
  ours(
    'elasticsearch',
    1,
    'fatal exception while booting Elasticsearch\njava.lang.IllegalStateException: failed to obtain node locks, tried [/usr/share/elasticsearch/data]; maybe these locations are not writable or multiple nodes were started on the same data path?\n\tat org.elasticsearch.env.NodeEnvironment.<init>(NodeEnvironment.java:293)\n',
  ),
  { end: NEVER },
);
add(
  'etcd refused',
  'nonzero-exit',
  ours(
    'web',
    1,
    'time="2026-03-01T10:11:12Z" level=fatal msg="cannot connect to store: dial tcp 10.0.0.9:2379: connect: connection refused"\n',
  ),
  { end: NEVER },
);
add(
  'node refused',
  'nonzero-exit',
  ours(
    'web',
    1,
    "node:internal/process/promises:394\n      triggerUncaughtException(err, true /* fromPromise */);\n      ^\n\nError: connect ECONNREFUSED 10.0.0.9:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {\n  errno: -111,\n  code: 'ECONNREFUSED',\n  syscall: 'connect',\n  address: '10.0.0.9',\n  port: 5432\n}\n\nNode.js v22.14.0\n",
  ),
);
add(
  'node syntax',
  ['startup-config', 'nonzero-exit'],
  ours(
    'web',
    1,
    "/srv/app.js:7\n  const x = ;\n            ^\n\nSyntaxError: Unexpected token ';'\n    at wrapSafe (node:internal/modules/cjs/loader:1469:18)\n\nNode.js v22.14.0\n",
  ),
  { end: NEVER },
);
add(
  'npm script',
  ['startup-config', 'nonzero-exit'],
  ours(
    'web',
    254,
    "npm error code ENOENT\nnpm error syscall open\nnpm error path /srv/package.json\nnpm error errno -2\nnpm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '/srv/package.json'\n",
  ),
  { end: NEVER },
);
add(
  'node native assert',
  'assert',
  ours(
    'web',
    134,
    "node[1]: ../src/node_http2.cc:561:static int node::http2::Http2Session::OnStreamClose(): Assertion `(stream) != nullptr' failed.\n 1: 0xb090e0 node::Abort() [node]\n",
  ),
);
add('uv assert', 'assert', ours('web', 134, "web: src/unix/core.c:161: uv_close: Assertion `!uv__is_closing(handle)' failed.\n"));
add(
  'gunicorn boot',
  'startup-config',
  ours(
    'web',
    3,
    '[2026-03-01 10:11:12 +0000] [1] [INFO] Starting gunicorn 21.2.0\n[2026-03-01 10:11:13 +0000] [7] [ERROR] Exception in worker process\nTraceback (most recent call last):\n  File "/usr/lib/python3/dist-packages/gunicorn/arbiter.py", line 609, in spawn_worker\n    worker.init_process()\nModuleNotFoundError: No module named \'shop\'\n[2026-03-01 10:11:13 +0000] [1] [ERROR] Reason: Worker failed to boot.\n',
  ),
  { end: NEVER },
);
add(
  'python pool killed',
  'oom',
  `${AL}\nTraceback (most recent call last):\n  File "/srv/app.py", line 12, in <module>\n    pool.map(f, rows)\nconcurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly while the future was running or pending.\n[  811.2] Out of memory: Killed process 812 (python3) total-vm:2000000kB, anon-rss:1900000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:400kB oom_score_adj:0\n`,
);
add(
  'java direct memory',
  'oom',
  ours(
    'web',
    1,
    'Exception in thread "main" java.lang.OutOfMemoryError: Cannot reserve 1073741824 bytes of direct buffer memory (allocated: 0, limit: 536870912)\n\tat java.base/java.nio.Bits.reserveMemory(Bits.java:178)\n',
  ),
);
add(
  'java class version',
  'startup-config',
  ours(
    'web',
    1,
    'Error: LinkageError occurred while loading main class shop.Main\n\tjava.lang.UnsupportedClassVersionError: shop/Main has been compiled by a more recent version of the Java Runtime (class file version 65.0), this version of the Java Runtime only recognizes class file versions up to 61.0\n',
  ),
  { end: NEVER },
);
add('java jar', 'startup-config', ours('web', 1, 'Error: Unable to access jarfile /srv/app.jar\n'), { end: NEVER });
add(
  'dotnet framework',
  'startup-config',
  ours(
    'web',
    150,
    "You must install or update .NET to run this application.\n\nApp: /srv/web\nArchitecture: x64\nFramework: 'Microsoft.NETCore.App', version '9.0.0' (x64)\n.NET location: /usr/share/dotnet\n\nThe following frameworks were found:\n  8.0.2 at [/usr/share/dotnet/shared/Microsoft.NETCore.App]\n",
  ),
  { end: NEVER },
);
add('dotnet oom', 'oom', ours('web', 134, 'Out of memory.\n'));
add(
  'php module',
  'startup-config',
  ours('php', 255, 'PHP Parse error:  syntax error, unexpected token "}", expecting ";" in /srv/index.php on line 9\n'),
  { end: NEVER },
);
add(
  'go cgo crash',
  ['segv', 'null-deref'],
  ours(
    'web',
    2,
    'SIGSEGV: segmentation violation\nPC=0x0 m=7 sigcode=1 addr=0x0\nsignal arrived during cgo execution\n\ngoroutine 41 gp=0xc000102c40 m=7 mp=0xc000180008 [syscall]:\nruntime.cgocall(0x4a1c2d, 0xc00011df28)\n\t/usr/local/go/src/runtime/cgocall.go:167 +0x4b\n',
  ),
);
add(
  'go flag',
  'startup-config',
  ours(
    'web',
    2,
    'flag provided but not defined: -listn\nUsage of /srv/web:\n  -listen string\n    \taddress (default ":8080")\n',
  ),
  { end: NEVER },
);
add(
  'rust clap',
  'startup-config',
  ours(
    'web',
    2,
    "error: unexpected argument '--prt' found\n\n  tip: a similar argument exists: '--port'\n\nUsage: web [OPTIONS]\n\nFor more information, try '--help'.\n",
  ),
  { end: NEVER },
);
add(
  'rust io',
  'startup-config',
  ours(
    'web',
    101,
    '\nthread \'main\' panicked at src/main.rs:12:45:\ncalled `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: "No such file or directory" }\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n',
  ),
  { end: NEVER },
);
const alloc = (bytes: string) => ours('web', 134, `memory allocation of ${bytes} bytes failed\n`);
add('rust memory', 'oom', alloc('1073741824'), {
  same: [alloc('77'), `${NANOS}memory allocation of 12 bytes failed\n*** signal 6 received by tid 2, errno 0, code -6\n`],
});
add(
  'c++ length',
  'abort',
  ours('web', 134, "terminate called after throwing an instance of 'std::length_error'\n  what():  basic_string::_M_create\n"),
);
add('bash arg', 'startup-config', ours('web', 127, '/entrypoint.sh: line 7: /srv/web: not found\n'), { end: NEVER });
add('env port', 'startup-config', ours('web', 1, 'config error: PORT: strconv.Atoi: parsing "80a": invalid syntax\n'), {
  end: NEVER,
});
add(
  'certificate',
  'startup-config',
  ours(
    'nginx',
    1,
    'nginx: [emerg] cannot load certificate "/etc/ssl/web.pem": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory)\n',
  ),
  { end: NEVER },
);
