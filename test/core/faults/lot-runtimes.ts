/** Ends of runtimes and C libraries: as `lot-servers.ts`. */
import { ours } from './lot-boots.ts';
import type { WholeConsole } from './whole-boots.ts';
import { AL, NANOS, NEVER, RUNS, SOLO5, UK, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const LOT_RUNTIMES: readonly WholeConsole[] = list;

add(
  'node env',
  'startup-config',
  ours(
    'web',
    1,
    "/srv/config.js:5\n  throw new Error('DATABASE_URL is not set');\n  ^\n\nError: DATABASE_URL is not set\n    at Object.<anonymous> (/srv/config.js:5:9)\n    at Module._compile (node:internal/modules/cjs/loader:1554:14)\n\nNode.js v22.14.0\n",
  ),
  { end: NEVER },
);
add(
  'django key',
  'startup-config',
  ours(
    'web',
    1,
    'Traceback (most recent call last):\n  File "/srv/manage.py", line 22, in <module>\n    main()\n  File "/usr/lib/python3/dist-packages/django/conf/__init__.py", line 190, in __init__\n    raise ImproperlyConfigured("The SECRET_KEY setting must not be empty.")\ndjango.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.\n',
  ),
  { end: NEVER },
);
add(
  'python environ',
  ['startup-config', 'nonzero-exit'],
  `${NANOS}Traceback (most recent call last):\n  File "/srv/settings.py", line 9, in <module>\n    KEY = os.environ["API_KEY"]\n          ~~~~~~~~~~^^^^^^^^^^^\n  File "<frozen os>", line 685, in __getitem__\nKeyError: 'API_KEY'\n`,
  { end: NEVER },
);
add(
  'python port',
  'startup-config',
  ours(
    'web',
    1,
    'Traceback (most recent call last):\n  File "/srv/app.py", line 31, in <module>\n    server = HTTPServer(("", 8080), Handler)\n  File "/usr/lib/python3.11/socketserver.py", line 456, in __init__\n    self.server_bind()\nOSError: [Errno 98] Address already in use\n',
  ),
  { end: NEVER },
);
const recursion = (file: string, times: string) =>
  ours(
    'web',
    1,
    `Traceback (most recent call last):\n  File "/srv/${file}", line 9, in <module>\n    walk(tree)\n  File "/srv/${file}", line 5, in walk\n    return walk(node.next)\n           ^^^^^^^^^^^^^^^\n  [Previous line repeated ${times} more times]\nRecursionError: maximum recursion depth exceeded\n`,
  );
add('python recursion', 'stack-overflow', recursion('tree.py', '996'), {
  same: [recursion('tree.py', '481')],
  differs: [recursion('list.py', '996')],
});
add(
  'python disk full',
  'nonzero-exit',
  `${NANOS}Traceback (most recent call last):\n  File "/srv/app.py", line 77, in store\n    f.write(data)\nOSError: [Errno 28] No space left on device\n`,
);
add(
  'go file',
  'startup-config',
  ours('web', 1, '2026/03/01 10:11:12 config: open /etc/web/web.yaml: no such file or directory\n'),
  { end: NEVER },
);
add(
  'go bbolt assertion',
  'assert',
  ours(
    'web',
    2,
    'panic: assertion failed: tx closed\n\ngoroutine 41 [running]:\ngo.etcd.io/bbolt._assert(...)\n\t/go/pkg/mod/go.etcd.io/bbolt@v1.3.7/db.go:1359\ngo.etcd.io/bbolt.(*Cursor).First(0xc0002a1d40)\n\t/go/pkg/mod/go.etcd.io/bbolt@v1.3.7/cursor.go:29 +0x165\n',
  ),
);
const threads = (have: string, errno: string) =>
  ours(
    'web',
    2,
    `runtime: failed to create new OS thread (have ${have} already; errno=${errno})\nruntime: may need to increase max user processes (ulimit -u)\nfatal error: newosproc\n\nruntime stack:\nruntime.throw({0x9f1d3e?, 0x0?})\n\t/usr/local/go/src/runtime/panic.go:1077 +0x5c\n`,
  );
add('go threads', ['oom', 'abort'], threads('5', '11'), { same: [threads('812', '11')] });
add(
  'rust address',
  'startup-config',
  ours('web', 1, 'Error: Os { code: 98, kind: AddrInUse, message: "Address already in use" }\n'),
  { end: NEVER },
);
add(
  'rust env',
  ['startup-config', 'nonzero-exit'],
  ours('web', 1, 'Error: environment variable not found\n\nCaused by:\n    DATABASE_URL\n'),
  { end: NEVER },
);
const refcell = (tid: string) =>
  `${UK}\nthread 'main' (${tid}) panicked at src/cart.rs:40:21:\nalready borrowed: BorrowMutError\nnote: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace\n`;
add('rust refcell', 'abort', refcell('88'), { same: [ours('web', 101, refcell('1').slice(UK.length))] });
add(
  'rust worker, runs',
  'hang',
  `${NANOS}listening on 0.0.0.0:8080\nthread 'tokio-runtime-worker' panicked at src/api.rs:77:9:\nindex out of bounds: the len is 3 but the index is 7\n`,
  { end: RUNS },
);
add(
  'java uncaught handler',
  'oom',
  ours('web', 3, '\nException: java.lang.OutOfMemoryError thrown from the UncaughtExceptionHandler in thread "main"\n'),
);
const guarantee = (pid: string, line: string) =>
  ours(
    'web',
    134,
    `#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  Internal Error (g1ConcurrentMark.cpp:${line}), pid=${pid}, tid=22\n#  guarantee(_cm_thread->in_progress()) failed: must be\n#\n# JRE version: OpenJDK Runtime Environment (17.0.9+9) (build 17.0.9+9-Debian-1deb12u1)\n`,
  );
add('jvm guarantee', ['assert', 'abort'], guarantee('1', '1665'), {
  same: [guarantee('77', '1665')],
  differs: [guarantee('1', '12')],
});
add(
  'java recursion',
  'stack-overflow',
  ours(
    'web',
    1,
    'Exception in thread "main" java.lang.StackOverflowError\n\tat shop.Tree.walk(Tree.java:9)\n\tat shop.Tree.walk(Tree.java:9)\n',
  ),
);
add(
  'dotnet port',
  'startup-config',
  ours(
    'web',
    134,
    'Unhandled exception. System.IO.IOException: Failed to bind to address http://[::]:80: address already in use.\n ---> Microsoft.AspNetCore.Connections.AddressInUseException: Address already in use\n ---> System.Net.Sockets.SocketException (98): Address already in use\n   at System.Net.Sockets.Socket.DoBind(EndPoint endPointSnapshot, SocketAddress socketAddress)\n',
  ),
  { end: NEVER },
);
add(
  'php uncaught',
  'nonzero-exit',
  ours(
    'web',
    255,
    'PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /app/db.php:12\nStack trace:\n#0 /app/db.php(12): PDO->__construct()\n#1 {main}\n  thrown in /app/db.php on line 12\n',
  ),
);
add(
  'php-fpm port',
  'startup-config',
  ours(
    'php-fpm',
    78,
    "[01-Mar-2026 10:11:12] ERROR: unable to bind listening socket for address '9000': Address already in use (98)\n[01-Mar-2026 10:11:12] ERROR: FPM initialization failed\n",
  ),
  { end: NEVER },
);
add(
  'ruby gem',
  'startup-config',
  ours(
    'web',
    1,
    "/usr/local/lib/ruby/3.2.0/bundler/definition.rb:524:in `materialize': Could not find rack-2.2.3 in locally installed gems (Bundler::GemNotFound)\n\tfrom /usr/local/lib/ruby/3.2.0/bundler/definition.rb:197:in `specs'\n",
  ),
  { end: NEVER },
);
add(
  'ruby key',
  ['startup-config', 'nonzero-exit'],
  ours(
    'web',
    1,
    '/srv/config/boot.rb:31:in `fetch\': key not found: "DATABASE_URL" (KeyError)\n\tfrom /srv/config/boot.rb:31:in `<main>\'\n',
  ),
  { end: NEVER },
);
add(
  'lua script',
  'nonzero-exit',
  ours(
    'web',
    1,
    "lua: main.lua:3: attempt to index a nil value (global 'cart')\nstack traceback:\n\tmain.lua:3: in main chunk\n\t[C]: in ?\n",
  ),
);
add('luajit memory', 'oom', `${UK}PANIC: unprotected error in call to Lua API (not enough memory)\n`);
add(
  'luajit panic',
  'abort',
  ours('web', 134, 'PANIC: unprotected error in call to Lua API (attempt to index a boolean value)\n'),
);
add(
  'perl module',
  'startup-config',
  ours(
    'web',
    2,
    "Can't locate JSON/XS.pm in @INC (you may need to install the JSON::XS module) (@INC entries checked: /etc/perl /usr/local/lib/perl5) at /srv/app.pl line 3.\nBEGIN failed--compilation aborted at /srv/app.pl line 3.\n",
  ),
  { end: NEVER },
);
add(
  'elixir env',
  'startup-config',
  ours(
    'web',
    1,
    'ERROR! Config provider Config.Reader failed with:\n** (RuntimeError) environment variable DATABASE_URL is missing.\nFor example: ecto://USER:PASS@HOST/DATABASE\n\n    /app/releases/0.1.0/runtime.exs:27: (file)\n    (elixir 1.15.7) src/elixir.erl:396: anonymous fn/4 in :elixir.eval_external_handler/1\n',
  ),
  { end: NEVER },
);
add(
  'deno port',
  'startup-config',
  ours(
    'web',
    1,
    'error: Uncaught (in promise) AddrInUse: Address already in use (os error 98)\n    at listen (ext:deno_net/01_net.js:514:35)\n',
  ),
  { end: NEVER },
);
add(
  'haskell head',
  'nonzero-exit',
  ours(
    'web',
    1,
    'web: Prelude.head: empty list\nCallStack (from HasCallStack):\n  error, called at libraries/base/GHC/List.hs:1646:3 in base:GHC.List\n',
  ),
);
add(
  'mirage bounds',
  'nonzero-exit',
  `${SOLO5}Fatal error: exception Invalid_argument("index out of bounds")\nRaised by primitive operation at Dune__exe__Unikernel.start in file "unikernel.ml", line 12, characters 4-19\nSolo5: solo5_exit(2) called\n`,
);
add(
  'mirage option',
  'startup-config',
  `${SOLO5}unikernel: unknown option '--ipv4-gatewy', did you mean '--ipv4-gateway'?\nUsage: unikernel [OPTION]…\nTry 'unikernel --help' for more information.\nSolo5: solo5_exit(64) called\n`,
  { end: NEVER },
);
add(
  'crystal index',
  'nonzero-exit',
  ours(
    'web',
    1,
    "Unhandled exception: Index out of bounds (IndexError)\n  from /usr/share/crystal/src/indexable.cr:85:8 in '[]'\n  from src/web.cr:3:1 in '__crystal_main'\n",
  ),
);
add(
  'asio port',
  'startup-config',
  ours(
    'web',
    134,
    "terminate called after throwing an instance of 'boost::wrapexcept<boost::system::system_error>'\n  what():  bind: Address already in use [system:98 at /usr/include/boost/asio/detail/socket_ops.inl:1]\n",
  ),
  { end: NEVER },
);
add('glibc tcache', 'heap-corruption', ours('web', 134, 'malloc(): unaligned tcache chunk detected\n'), {
  same: [`${NANOS}malloc(): unaligned tcache chunk detected\n*** signal 6 received by tid 2, errno 0, code -6\n`],
});
add(
  'asan global',
  ['heap-corruption', 'segv'],
  ours(
    'web',
    1,
    '=================================================================\n==1==ERROR: AddressSanitizer: global-buffer-overflow on address 0x55d8d1b2a1eb at pc 0x55d8d1b2a0eb bp 0x7ffd sp 0x7ffc\nREAD of size 4 at 0x55d8d1b2a1eb thread T0\n    #0 0x55d8d1b2a0ea in pick /b/cart.c:31\n\nSUMMARY: AddressSanitizer: global-buffer-overflow /b/cart.c:31 in pick\n==1==ABORTING\n',
  ),
);
const race = (pid: string) =>
  ours(
    'web',
    66,
    `==================\nWARNING: ThreadSanitizer: data race (pid=${pid})\n  Write of size 8 at 0x7b0400000a00 by thread T2:\n    #0 bump /b/cart.c:12 (web+0x4b1234)\n\nSUMMARY: ThreadSanitizer: data race /b/cart.c:12 in bump\n==================\nThreadSanitizer: reported 1 warnings\n`,
  );
add('tsan race', 'nonzero-exit', race('1'), { same: [race('88')] });
add(
  'tsan null',
  'null-deref',
  ours(
    'web',
    66,
    'ThreadSanitizer:DEADLYSIGNAL\n==7727==ERROR: ThreadSanitizer: SEGV on unknown address 0x000000000000 (pc 0x559ed71aa5e3 bp 0x000000000033 sp 0x7fe1a51bcf00 T7880)\n==7727==The signal is caused by a WRITE memory access.\n==7727==Hint: address points to the zero page.\n    #0 total /b/cart.cpp:33:3 (web+0xcb5e3)\n\nThreadSanitizer can not provide additional info.\nSUMMARY: ThreadSanitizer: SEGV /b/cart.cpp:33:3 in total\n==7727==ABORTING\n',
  ),
);
add(
  'msan',
  ['abort', 'nonzero-exit'],
  ours(
    'web',
    1,
    '==612==WARNING: MemorySanitizer: use-of-uninitialized-value\n    #0 0x56368fbf33ea in total /b/cart.cpp:567:17\n\nSUMMARY: MemorySanitizer: use-of-uninitialized-value /b/cart.cpp:567:17 in total\nExiting\n',
  ),
);
add('scudo', 'heap-corruption', ours('web', 134, 'Scudo ERROR: corrupted chunk header at address 0x7feccab26010\n'));
add(
  'gwp-asan',
  'heap-corruption',
  ours(
    'web',
    139,
    '*** GWP-ASan detected a memory error ***\nUse After Free at 0x7feccab26000 (0 bytes into a 41-byte allocation at 0x7feccab26000) by thread 31027 here:\n  #0 web(+0x1c1e4) [0x55c8a6d1c1e4]\n',
  ),
);
add('tcmalloc', 'heap-corruption', ours('web', 134, 'src/tcmalloc.cc:333] Attempt to free invalid pointer 0x55d8d1b2a1eb \n'));
add(
  'chromium check',
  'assert',
  `${AL}\n[1:1:0301/101112.123456:FATAL:cart.cc(31)] Check failed: n > 0. \n#0 0x55d8d1b2a1eb base::debug::CollectStackTrace()\n`,
);
const glib = (pid: string) =>
  ours(
    'web',
    134,
    `**\nERROR:src/cart.c:31:total: assertion failed: (n > 0)\nBail out! ERROR:src/cart.c:31:total: assertion failed: (n > 0)\n`,
  ).replace('91.377282', `91.${pid}`);
add('glib assert', 'assert', glib('377282'), {
  same: [
    `${NANOS}**\nERROR:src/cart.c:31:total: assertion failed: (n > 0)\nBail out! ERROR:src/cart.c:31:total: assertion failed: (n > 0)\n`,
  ],
});
add(
  'glib memory',
  'oom',
  ours('web', 133, '\n(process:1): GLib-ERROR **: 10:11:12.123: ../glib/gmem.c:106: failed to allocate 1073741824 bytes\n'),
);
add(
  'qt assert',
  'assert',
  ours('web', 134, 'ASSERT: "i >= 0 && i < size()" in file /usr/include/qt6/QtCore/qlist.h, line 446\n'),
);
