/** Ends as runtimes and services tell them. */
import type { Sample } from './consoles-of-guests.ts';
import { sample } from './consoles-of-guests.ts';

export const GO_PANIC = `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x8 pc=0x6ae1f3]

goroutine 53 [running]:
runtime.gopanic({0x6d2a20, 0x8f3a80})
	/usr/local/go/src/runtime/panic.go:770 +0x132
main.(*cart).total(...)
	/build/src/cart.go:31
main.handler({0x7f8e48, 0xc0001c20e0}, 0xc000128b40)
	/build/src/main.go:58 +0x73
exit status 2
`;

export const RUST_PANIC = `
thread 'main' (117) panicked at src/cart.rs:31:14:
called \`Option::unwrap()\` on a \`None\` value
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
`;

const RUNTIMES: readonly Sample[] = [
  sample('go nil', 'null-deref', GO_PANIC),
  sample(
    'go index',
    'abort',
    'panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:9 +0x1d\n',
  ),
  sample(
    'go divide',
    'arithmetic',
    'panic: runtime error: integer divide by zero\n[signal SIGFPE: floating-point exception code=0x1 addr=0x45f2 pc=0x45f2]\n\ngoroutine 1 [running]:\n',
  ),
  sample('go memory', 'oom', 'fatal error: runtime: out of memory\n\nruntime stack:\n'),
  sample(
    'go stack',
    'stack-overflow',
    'runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n\nruntime stack:\n',
  ),
  sample('go map', 'abort', 'fatal error: concurrent map writes\n\ngoroutine 18 [running]:\nmain.f()\n\t/src/main.go:14 +0x85\n'),
  sample('rust panic', 'abort', RUST_PANIC),
  sample(
    'rust assert',
    'assert',
    "thread 'main' panicked at src/main.rs:4:5:\nassertion `left == right` failed\n  left: 1\n right: 2\n",
  ),
  sample('rust overflow', 'arithmetic', "thread 'main' panicked at 'attempt to add with overflow', src/main.rs:4:5\n"),
  sample('rust worker', 'abort', "thread 'tokio-runtime-worker' panicked at src/main.rs:4:5:\nno such user\n"),
  sample('rust stack', 'stack-overflow', "\nthread 'main' has overflowed its stack\nfatal runtime error: stack overflow\n"),
  sample('rust memory', 'oom', 'memory allocation of 17592186044416 bytes failed\n'),
  sample(
    'node error',
    'nonzero-exit',
    '/srv/app.js:14\n    throw new TypeError(`no ${name}`);\n    ^\n\nTypeError: no cart\n    at total (/srv/app.js:14:11)\n    at Server.<anonymous> (/srv/app.js:40:3)\n\nNode.js v24.1.0\n',
  ),
  sample(
    'node thrown text',
    'nonzero-exit',
    "node:internal/process/promises:394\n\n[UnhandledPromiseRejection: reason] {\n  code: 'ERR_UNHANDLED_REJECTION'\n}\n\nNode.js v24.1.0\n",
  ),
  sample(
    'node assert',
    'assert',
    'AssertionError [ERR_ASSERTION]: total must be positive\n    at total (/srv/app.js:14:11)\n\nNode.js v24.1.0\n',
  ),
  sample(
    'node module',
    'startup-config',
    "Error: Cannot find module './cart'\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)\n\nNode.js v24.1.0\n",
  ),
  sample(
    'node port',
    'startup-config',
    'Error: listen EADDRINUSE: address already in use :::8080\n    at Server.setupListenHandle [as _listen2] (node:net:1817:16)\n\nNode.js v24.1.0\n',
  ),
  sample(
    'node heap',
    'oom',
    '<--- Last few GCs --->\n[12:0x6]  900 ms: Mark-sweep\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n',
  ),
  sample(
    'node recursion',
    'stack-overflow',
    'RangeError: Maximum call stack size exceeded\n    at f (/srv/app.js:1:20)\n\nNode.js v24.1.0\n',
  ),
  sample(
    'python',
    'nonzero-exit',
    'Traceback (most recent call last):\n  File "/srv/app.py", line 12, in <module>\n    main()\n  File "/srv/app.py", line 8, in main\n    total(cart)\nKeyError: \'cart\'\n',
  ),
  sample('python memory', 'oom', 'Traceback (most recent call last):\n  File "/srv/app.py", line 12, in <module>\nMemoryError\n'),
  sample('python fatal', 'segv', 'Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n'),
  sample(
    'java',
    'null-deref',
    'Exception in thread "main" java.lang.NullPointerException: Cannot invoke "Cart.total()"\n\tat shop.Main.main(Main.java:8)\n',
  ),
  sample('java memory', 'oom', 'Exception in thread "http-1" java.lang.OutOfMemoryError: Java heap space\n'),
  sample(
    'jvm',
    'segv',
    '#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGSEGV (0xb) at pc=0x00007f1a2c3d4e5f, pid=1, tid=8\n#\n# Problematic frame:\n# C  [libfast.so+0x14e5f]  fast_copy+0x1f\n',
  ),
  sample(
    'dotnet',
    'null-deref',
    'Unhandled exception. System.NullReferenceException: Object reference not set to an instance of an object.\n   at Shop.Cart.Total() in /src/Cart.cs:line 9\n',
  ),
  sample('ruby', 'nonzero-exit', "app.rb:3:in 'total': no cart (RuntimeError)\n\tfrom app.rb:7:in '<main>'\n"),
  sample(
    'php',
    'oom',
    'PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in /srv/index.php on line 4\n',
  ),
  sample('c++ exception', 'abort', "terminate called after throwing an instance of 'std::out_of_range'\n  what():  map::at\n"),
  sample('c++ memory', 'oom', "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n"),
  sample('glibc assert', 'assert', "web: src/cart.c:31: total: Assertion `n > 0' failed.\nAborted (core dumped)\n"),
  sample('musl assert', 'assert', 'Assertion failed: n > 0 (src/cart.c: total: 31)\n'),
  sample('newlib assert', 'assert', 'assertion "n > 0" failed: file "src/cart.c", line 31, function: total\n'),
  sample('double free', 'heap-corruption', 'free(): double free detected in tcache 2\nAborted (core dumped)\n'),
  sample('smashed', 'stack-overflow', '*** stack smashing detected ***: terminated\nAborted\n'),
  sample(
    'asan heap',
    'heap-corruption',
    '==31==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000019 at pc 0x55 bp 0x7f sp 0x7f\nREAD of size 1\nSUMMARY: AddressSanitizer: heap-use-after-free /b/cart.c:31 in total\n',
  ),
  sample(
    'asan null',
    'null-deref',
    '==31==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000008 (pc 0x55 bp 0x7f sp 0x7f T0)\nSUMMARY: AddressSanitizer: SEGV /b/cart.c:31:5 in total\n',
  ),
  sample(
    'asan stack',
    'stack-overflow',
    '==31==ERROR: AddressSanitizer: stack-overflow on address 0x7ffc (pc 0x55 bp 0x7f sp 0x7f T0)\n',
  ),
  sample('ubsan', 'arithmetic', 'cart.c:31:9: runtime error: division by zero\n'),
];

const SERVICES: readonly Sample[] = [
  sample(
    'redis',
    'null-deref',
    '1:M 01 Mar 2026 10:11:12.100 # Redis 7.2.5 crashed by signal: 11, si_code: 1\n1:M 01 Mar 2026 10:11:12.100 # Accessing address: 0x10\n',
  ),
  sample(
    'redis assert',
    'assert',
    "1:M 01 Mar 2026 # === ASSERTION FAILED ===\n1:M 01 Mar 2026 # ==> t_hash.c:512 'len > 0' is not true\n",
  ),
  sample(
    'redis config',
    'startup-config',
    "\n*** FATAL CONFIG FILE ERROR (Redis 7.2.5) ***\nReading the configuration file, at line 3\n>>> 'maxmemroy 1gb'\nBad directive or wrong number of arguments\n",
  ),
  sample('nginx worker', 'segv', '2026/03/01 10:11:12 [alert] 7#7: worker process 31 exited on signal 11\n'),
  sample('nginx config', 'startup-config', 'nginx: [emerg] unknown directive "listn" in /etc/nginx/nginx.conf:4\n'),
  sample('postgres', 'abort', '2026-03-01 10:11:12 UTC [1] LOG:  server process (PID 91) was terminated by signal 6: Aborted\n'),
  sample('haproxy bug', 'assert', 'FATAL: bug condition "qc->flags & 1" matched at src/quic_conn.c:771\n'),
  sample('haproxy config', 'startup-config', "[ALERT]    (1) : config : parsing [/etc/haproxy.cfg:4] : unknown keyword 'bnd'\n"),
  sample(
    'bind',
    'assert',
    '01-Mar-2026 10:11:12.100 general: critical: rbtdb.c:1619: INSIST(rbtdb->references > 0) failed, back trace\n',
  ),
  sample('openvpn', 'startup-config', 'Options error: Unrecognized option or missing parameter(s) in server.conf:9: prot\n'),
  sample('guest ended', 'abort', 'tandem: web: exit status 134 (SIGABRT)\n'),
  sample('guest failed', 'nonzero-exit', 'tandem: web: exit status 3\n'),
  sample(
    'guest not run',
    'startup-config',
    'tandem: cannot run /srv/web: No such file or directory\ntandem: web: exit status 127\n',
  ),
  sample('guest boot', 'boot-failure', 'tandem: boot failed: no disk has a partition labelled root\n'),
];

export const PROGRAMS: readonly Sample[] = [...RUNTIMES, ...SERVICES];
