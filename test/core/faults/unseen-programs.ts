/** Ends of programs, from bug reports and other releases of runtimes: as `unseen-guests.ts`. */
import type { Sample } from './consoles-of-guests.ts';
import { sample } from './consoles-of-guests.ts';

export const UNSEEN_PROGRAMS: readonly Sample[] = [
  sample(
    'loader of glibc',
    'startup-config',
    '/web: error while loading shared libraries: libstdc++.so.6: cannot open shared object file: No such file or directory\n',
  ),
  sample(
    'loader of musl',
    'startup-config',
    'Error loading shared library libstdc++.so.6: No such file or directory (needed by /web)\nError relocating /web: _ZSt4cout: symbol not found\n',
  ),
  sample('loader of symbols', 'startup-config', '/web: symbol lookup error: /web: undefined symbol: SSL_CTX_new\n'),
  sample(
    'loader of versions',
    'startup-config',
    "/web: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /web)\n",
  ),
  sample(
    'go deadlock',
    'abort',
    'fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.wait()\n\t/srv/wait.go:9 +0x1d\n',
  ),
  sample(
    'go runtime',
    'null-deref',
    'fatal error: unexpected signal during runtime execution\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x43a0c5]\n\nruntime stack:\nruntime.throw({0x4c1f2b?, 0x0?})\n\t/usr/local/go/src/runtime/panic.go:1023 +0x5c\n\ngoroutine 7 [running]:\nmain.read()\n\t/srv/read.go:9 +0x1d\n',
  ),
  sample(
    'go bus',
    'segv',
    'unexpected fault address 0x7f00deadb000\nfatal error: fault\n[signal SIGBUS: bus error code=0x2 addr=0x7f00deadb000 pc=0x4a0c5]\n\ngoroutine 1 [running]:\nmain.mapped()\n\t/srv/map.go:9 +0x1d\n',
  ),
  sample(
    'go cgo',
    'null-deref',
    'SIGSEGV: segmentation violation\nPC=0x7f3c9e6a9e2c m=3 sigcode=1 addr=0x8\nsignal arrived during cgo execution\n\ngoroutine 1 [syscall]:\nmain._Cfunc_total(0x0)\n\t_cgo_gotypes.go:41 +0x4b\n',
  ),
  sample(
    'go abort',
    'abort',
    'SIGABRT: abort\nPC=0x46e1a1 m=0 sigcode=0\n\ngoroutine 0 [idle]:\nruntime.futex()\n\t/usr/local/go/src/runtime/sys_linux_amd64.s:557 +0x21\n',
  ),
  sample(
    'go listen',
    'startup-config',
    '2026/03/01 10:11:12 listen tcp :8080: bind: address already in use\ntandem: web: exit status 1\n',
  ),
  sample(
    'rust equality',
    'assert',
    "thread 'main' (88) panicked at src/cart.rs:9:5:\nassertion `left == right` failed: totals differ\n  left: 3\n right: 4\n",
  ),
  sample(
    'rust unwind',
    'abort',
    "thread 'main' panicked at library/core/src/panicking.rs:226:5:\npanic in a function that cannot unwind\nthread caused non-unwinding panic. aborting.\n",
  ),
  sample('libc++ exception', 'abort', 'libc++abi: terminating due to uncaught exception of type std::runtime_error: no cart\n'),
  sample('libc++ memory', 'oom', 'libc++abi: terminating with uncaught exception of type std::bad_alloc: std::bad_alloc\n'),
  sample('c++ pure virtual', 'abort', 'pure virtual method called\nterminate called without an active exception\n'),
  sample(
    'libstdc++ assert',
    'assert',
    "/usr/include/c++/12/bits/stl_vector.h:1123: std::vector<_Tp, _Alloc>::reference std::vector<_Tp, _Alloc>::operator[](size_type) [with _Tp = int]: Assertion '__n < this->size()' failed.\n",
  ),
  sample(
    'glog check',
    'assert',
    'F0301 10:11:12.123456   412 cart.cc:31] Check failed: n > 0 (0 vs. 0) \n*** Check failure stack trace: ***\n    @     0x7f3c9e6a9e2c  google::LogMessage::Fail()\n',
  ),
  sample(
    'glog signal',
    'null-deref',
    '*** Aborted at 1772359872 (unix time) try "date -d @1772359872" if you are using GNU date ***\nPC: @     0x560b1c2a91c4 total()\n*** SIGSEGV (@0x10) received by PID 412 (TID 0x7f3c9e) from PID 16; stack trace: ***\n',
  ),
  sample(
    'glibc sysmalloc',
    'heap-corruption',
    'Fatal glibc error: malloc.c:2599 (sysmalloc): assertion failed: (old_top == initial_top (av) && old_size == 0)\n',
  ),
  sample(
    'glibc mutex',
    'assert',
    'Fatal glibc error: pthread_mutex_lock.c:450 (__pthread_mutex_lock_full): assertion failed: e != ESRCH || !robust\n',
  ),
  sample('glibc cpu', 'startup-config', 'Fatal glibc error: CPU does not support x86-64-v2\n'),
  sample(
    'glibc malloc.c of old',
    'heap-corruption',
    "web: malloc.c:2401: sysmalloc: Assertion `(old_top == initial_top (av) && old_size == 0)' failed.\n",
  ),
  sample(
    'python module',
    'startup-config',
    'Traceback (most recent call last):\n  File "/srv/app.py", line 1, in <module>\n    import flask\nModuleNotFoundError: No module named \'flask\'\n',
  ),
  sample(
    'python chained',
    'assert',
    'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in total\n    return d["n"]\n           ~^^^^^\nKeyError: \'n\'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "/srv/app.py", line 9, in <module>\n    total({})\nAssertionError: no total\n',
  ),
  sample(
    'python syntax',
    'nonzero-exit',
    '  File "/srv/app.py", line 3\n    def f(\n         ^\nSyntaxError: \'(\' was never closed\n',
  ),
  sample(
    'node module',
    'startup-config',
    "node:internal/modules/cjs/loader:1148\n  throw err;\n  ^\n\nError: Cannot find module 'express'\nRequire stack:\n- /srv/app.js\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1145:15)\n    at Object.<anonymous> (/srv/app.js:1:17) {\n  code: 'MODULE_NOT_FOUND',\n  requireStack: [ '/srv/app.js' ]\n}\n\nNode.js v20.11.1\n",
  ),
  sample(
    'node rejection',
    'nonzero-exit',
    'node:internal/process/promises:288\n            triggerUncaughtException(err, true /* fromPromise */);\n            ^\n\n[UnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch block. The promise rejected with the reason "no cart".] {\n  code: \'ERR_UNHANDLED_REJECTION\'\n}\n\nNode.js v20.11.1\n',
  ),
  sample('node native', 'abort', 'FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal\n 1: 0xb9c2f0 node::Abort() [node]\n'),
  sample(
    'bun',
    'null-deref',
    'panic(main thread): Segmentation fault at address 0x10\noh no: Bun has crashed. This indicates a bug in Bun, not your code.\n',
  ),
  sample('zig access', 'null-deref', 'Segmentation fault at address 0x0\n/srv/cart.zig:31:9: 0x1034a12 in total (web)\n'),
  sample('deno', 'nonzero-exit', 'error: Uncaught (in promise) TypeError: no cart\n    at total (file:///srv/app.ts:3:7)\n'),
  sample(
    'java main class',
    'startup-config',
    'Error: Could not find or load main class Web\nCaused by: java.lang.ClassNotFoundException: Web\n',
  ),
  sample(
    'java heap',
    'oom',
    'Error occurred during initialization of VM\nCould not reserve enough space for 2097152KB object heap\n',
  ),
  sample('java exits on memory', 'oom', 'Terminating due to java.lang.OutOfMemoryError: Java heap space\n'),
  sample(
    'java option',
    'startup-config',
    "Unrecognized VM option 'UseConcMarkSweepGC'\nError: Could not create the Java Virtual Machine.\nError: A fatal exception has occurred. Program will exit.\n",
  ),
  sample(
    'openj9',
    'segv',
    'Unhandled exception\nType=Segmentation error vmState=0x00000000\nJ9Generic_Signal_Number=00000018 Signal_Number=0000000b Error_Value=00000000 Signal_Code=00000001\n',
  ),
  sample(
    'erlang memory',
    'oom',
    'eheap_alloc: Cannot allocate 3936326656 bytes of memory (of type "heap").\n\nCrash dump is being written to: erl_crash.dump...done\n',
  ),
  sample(
    'erlang start',
    'nonzero-exit',
    '{"Kernel pid terminated",application_controller,"{application_start_failure,web,{no_cart,[]}}"}\nKernel pid terminated (application_controller) ({application_start_failure,web,{no_cart,[]}})\n\nCrash dump is being written to: erl_crash.dump...done\n',
  ),
  sample(
    'dotnet access',
    'segv',
    'Fatal error. System.AccessViolationException: Attempted to read or write protected memory.\n   at Cart.Total(IntPtr)\n',
  ),
  sample(
    'dotnet icu',
    'startup-config',
    "Process terminated. Couldn't find a valid ICU package installed on the system.\n   at System.Environment.FailFast(System.String)\n",
  ),
  sample(
    'ruby bug',
    'null-deref',
    'app.rb:3: [BUG] Segmentation fault at 0x0000000000000010\nruby 3.2.2 (2023-03-30 revision e51014f9c0) [x86_64-linux]\n',
  ),
  sample('haskell heap', 'oom', 'web: Heap exhausted;\nweb: Current maximum heap size is 67108864 bytes (64 MB).\n'),
  sample(
    'haskell bug',
    'abort',
    'web: internal error: evacuate(static): strange closure type 4325\n    (GHC version 9.2.5 for x86_64_unknown_linux)\n    Please report this as a GHC bug\n',
  ),
  sample(
    'nim',
    'nonzero-exit',
    'Traceback (most recent call last)\n/srv/cart.nim(31) total\nError: unhandled exception: index 5 not in 0 .. 2 [IndexDefect]\n',
  ),
  sample(
    'mysql signal',
    'segv',
    '10:11:12 UTC - mysqld got signal 11 ;\nMost likely, you have hit a bug, but this error can also be caused by malfunctioning hardware.\n',
  ),
  sample('haproxy worker', 'segv', '[ALERT]    (1) : Current worker (7) exited with code 139 (Segmentation fault)\n'),
  sample(
    'envoy',
    'null-deref',
    '[2026-03-01 10:11:12.123][7][critical][backtrace] Caught Segmentation fault, suspect faulting address 0x10\n',
  ),
  sample('shell bus', 'segv', 'Bus error (core dumped)\n'),
  sample('shell trap', 'abort', 'Trace/breakpoint trap (core dumped)\n'),
  sample('osv object', 'startup-config', 'OSv v0.57.0\nFailed to load object: /web.so. Powering off.\n'),
];
