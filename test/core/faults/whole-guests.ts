/** Whole consoles of unikernels, after bug reports. */
import type { WholeConsole } from './whole-boots.ts';
import { AL, goNil, NANOS, NANOS2, NEVER, OSV, RUNS, SOLO5, UK, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const WHOLE_GUESTS: readonly WholeConsole[] = list;

add(
  'nanos go nil',
  'null-deref',
  `${NANOS}2026/10/03 11:02:11 listening on :8080\r\n2026/10/03 11:02:12 error: upstream refused, retrying\r\n${goNil('0x6b2f45', '21')}`,
  {
    same: [
      `${NANOS2}2026/10/04 01:12:19 listening on :8080\n${goNil('0x4c11aa', '77')}`,
      `${AL}\r\n[   61.2] server[311]: started\r\n${goNil('0x6b2f45', '5')}[   61.9] reboot: Power down\r\n`,
    ],
    differs: [`${NANOS}${goNil('0x6b2f45', '21', '91')}`],
  },
);
const mutex = (ip: string, n: string) =>
  `${NANOS}2023/09/01 16:53:10 STEP(2): /tfs_mnt/TST_0001_a5672d94d89f - (${n} B) - OK\n2023/09/01 16:53:10 /proc/meminfo\nMemFree:         295408 kB\n\nframe trace:\nffffc00001bf7e10:   ffffffff80046${n.slice(0, 3)}\t(mutex_lock + 00000000000000a4/000000000000011d)\n\nloaded klibs: \nassertion !frame_is_full(ctx->frame) failed at /nanos/src/kernel/mutex.c:109 (IP ${ip})  in mutex_lock_internal(); halt\n`;
add('nanos mutex', 'assert', mutex('0xffffffff800460b4', '134217728'), {
  same: [mutex('0xffffffff91c460b4', '99991234')],
  differs: [mutex('0xffffffff800460b4', '134217728').replace('mutex.c:109', 'mutex.c:141')],
});
add(
  'nanos sgbuf',
  'kernel-fault',
  `${NANOS}2023/07/29 17:09:31 STEP(2): /tfs_mnt/TST_0005 - OK\npagecache_commit_dirty_ranges error: sgbuf alloc fail\npagecache_commit_dirty_ranges error: sgbuf alloc fail\n\nno fault handler\ncpu 0000000000000000, state kernel, vector 000000000000000e\nlastvector: 000000000000000e (Page fault)\n     frame: ffffc00000a30000\n      type: kernel\nactive_cpu: 0000000000000000\n stack top: ffffc00000a37ff0\nerror code: 0000000000000000\n   address: 00000000000001b7\n\n   rax: 00000000000001b7\n   rip: ffffffff8003aa12\t(pagecache_finish_pending_writes + 0000000000000052/00000000000001f3)\n`,
);
const bus = (tid: string, base: string) =>
  `${NANOS}ready\r\n\u0000\u0000*** signal 11 received by tid ${tid}, errno 0, code 1\r\n    fault address 0x7f${base}f00010\r\n\r\n*** Thread context:\r\nlastvector: 000000000000000e (Page fault)\r\n     frame: ffffc0000${tid}a41000\r\n      type: thread\r\nactive_cpu: 0000000000000001\r\nerror code: 0000000000000004\r\n   address: 00007f${base}f00010\r\n\r\n   rsp: 00007fff${base}440\r\n   rip: 00007e${base}2a2c7\r\n\r\nframe trace:\r\n00007fff${base}460:   00007e${base}2b1f0\r\n\r\n   core dump\r\n`;
add('nanos far segv', 'segv', bus('7', '11aa'), {
  same: [bus('3', '92cd')],
  differs: [bus('7', '11aa').replace('2a2c7', '2afff')],
});
add(
  'nanos shared library',
  'startup-config',
  `${NANOS}/usr/sbin/postgres: error while loading shared libraries: libicui18n.so.72: cannot open shared object file: No such file or directory\n`,
  { end: NEVER },
);
add(
  'nanos python key',
  'nonzero-exit',
  `${NANOS} * Serving Flask app 'app'\r\n * Debug mode: off\r\n10.0.1.2 - - [12/Oct/2026 10:11:12] "GET /health HTTP/1.1" 200 -\r\nTraceback (most recent call last):\r\n  File "/app/worker.py", line 88, in <module>\r\n    main()\r\n  File "/app/worker.py", line 71, in main\r\n    job = queue["next"]\r\n          ~~~~~^^^^^^^^\r\nKeyError: 'next'\r\n`,
  {
    same: [
      `${NANOS2}Traceback (most recent call last):\n  File "/srv/x/worker.py", line 88, in <module>\n    main()\n  File "/srv/x/worker.py", line 71, in main\n    job = queue["next"]\nKeyError: 'next'\n`,
    ],
  },
);
add(
  'nanos node heap',
  'oom',
  `${NANOS}Server running at http://0.0.0.0:8083/\n\n<--- Last few GCs --->\n\n[1:0x6d5c00000]   331617 ms: Mark-Compact (reduce) 493.3 (574.0) -> 495.3 (514.1) MB, pooled: 0 MB, 115.71 / 0.00 ms  (average mu = 0.210, current mu = 0.001) allocation failure; scavenge might not succeed\n\n<--- JS stacktrace --->\n\nFATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n 1: 0xb8d11b node::OOMErrorHandler(char const*, v8::OOMDetails const&) [/node]\n 2: 0xf01b70 v8::Utils::ReportOOMFailure(v8::internal::Isolate*, char const*, v8::OOMDetails const&) [/node]\n\n*** signal 6 received by tid 2, errno 0, code -6\n\n*** Thread context:\nlastvector: 0000000000000000\n   core dump\n`,
  {
    same: [
      `${AL}FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n 1: 0xa11111 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [/usr/bin/node]\n`,
    ],
  },
);
add(
  'nanos clock still',
  'hang',
  `${NANOS}[info] worker pool ready, crash handler installed\n[warn] request 8812 failed: error=timeout\n[warn] killed idle connection 44\n`,
  { end: RUNS },
);
add(
  'nanos http panic survived',
  'hang',
  `${NANOS}2026/10/03 11:09:55 http: panic serving 10.0.3.7:51022: runtime error: index out of range [3] with length 3\ngoroutine 451 [running]:\nnet/http.(*conn).serve.func1()\n\t/usr/local/go/src/net/http/server.go:1947 +0xbe\npanic({0x6f2c20?, 0xc00012e018?})\n\t/usr/local/go/src/runtime/panic.go:785 +0x132\nmain.handler(0x1)\n\t/app/main.go:31 +0x85\n2026/10/03 11:10:02 served /ok\n`,
  { end: RUNS },
);

const bun = (at: string, caller: string) =>
  `${UK}[    0.372817] CRIT: [libukvmem] Cannot handle write page fault at ${at} (ec: 0x2): Bad address (14).\n[    0.373627] CRIT: [libkvmplat] RIP: 00000010088df442 CS: 0008\n[    0.374045] CRIT: [libkvmplat] RSP: 0000000ffffc6e80 SS: 0010 EFLAGS: 00010246\n[    0.374569] CRIT: [libkvmplat] RAX: 000000000000002f RBX: 0000001000128ea0 RCX: 000004d3ba0a0000\n[    0.377741] CRIT: [libkvmplat] base is 0x10000eff00 caller is ${caller}\n[    0.378232] CRIT: [libkvmplat] base is 0x1000129330 caller is 0x1008b5a6e2\n`;
add('unikraft bun', ['segv', 'stack-overflow'], bun('0xffffc6e78', '0x10088e3d21'), {
  same: [bun('0xffffc6e78', '0x10088e3d21').replace(/\[ {4}0\./g, '[   12.')],
});
add(
  'unikraft openttd',
  'segv',
  `Booting from ROM...\r\nPowered by Unikraft Atlas (0.13.1~a7f183b)\r\n[    0.120528] CRIT: [libkvmplat] <traps.c @   84> Unhandled Trap 13 (general protection), error code=0x0\r\n[    0.122549] CRIT: [libkvmplat] <trace.c @   41> RIP: 0000000438b2f8d8 CS: 0008\r\n[    0.124148] CRIT: [libkvmplat] <trace.c @   42> RSP: 000000043d51d120 SS: 0010 EFLAGS: 00010202\r\n`,
);
add(
  'unikraft allocator of 2023',
  'boot-failure',
  `[ 2692.514525] Info: [libukboot] <boot.c @  245> Unikraft constructor table at 0x40f000 - 0x40f008\n[ 2692.514558] Info: [libukboot] <boot.c @  264> Initialize memory allocator...\n[ 2692.514571] CRIT: [libukboot] <boot.c @  268> Failed to initialize memory allocator\n`,
  { end: NEVER },
);
add(
  'unikraft region message',
  'hang',
  `ERR:  [libukallocbbuddy] <bbuddy.c @  489> 11000: Failed to add memory region 322000-323000: Not enough space\n${UK}[    0.486024] ERR:  [libposix_process] Ignore updating resource 7: cur = 1024, max = 1024\n10.0.2.2 - - [28/Sep/2024:10:00:00 +0000] "GET / HTTP/1.1" 200 615 "-" "curl/7.88"\n`,
  { end: RUNS },
);
add(
  'unikraft nofault tests',
  ['hang'],
  `${UK}[    1.027983] Info: <init> test: uknofault->test_nofault_probe_noaccess\n[    1.059574] Info: <init> \texpected \`len\` to be 0 and was 0 ................................................  PASSED\nlistening on 8080\n`,
  { end: RUNS },
);
const el1 = (far: string) =>
  `${UK}[    0.180626] dbg:  [libukboot] <boot.c @  423> Call init function: 0x40128f90(0x11f80)...\n[    0.193211] CRIT: [libkvmplat] <trap_arm64.c @  130> EL1 sync trap caught\n[    0.193212] CRIT: [libkvmplat] <trap_arm64.c @   77> \t SP       : 0x0000000047fffd60\n[    0.193214] CRIT: [libkvmplat] <trap_arm64.c @   78> \t ESR_EL1  : 0x0000000096000004\n[    0.193216] CRIT: [libkvmplat] <trap_arm64.c @   79> \t ELR_EL1  : 0x0000000040112a4c\n[    0.193218] CRIT: [libkvmplat] <trap_arm64.c @   84> \t FAR_EL1  : ${far}\n`;
add('unikraft arm far', ['segv', 'kernel-fault'], el1('0x00000f0040112a4c'));
add(
  'unikraft except loop',
  'assert',
  `${UK}${'[    0.025931] CRIT: [libukplat_native] <except.c @  205> Assertion failure: exception < UK_PLAT_NATIVE_ARM64_EXCEPT_ID_MAX\n'.repeat(300)}`,
);
add(
  'unikraft app exit',
  'nonzero-exit',
  `${UK}nginx: [alert] could not open error log file: open() "/nginx/logs/error.log" failed (2: No such file or directory)\n[    0.904411] Info: [libukboot] main returned 1, halting system\n`,
);
add(
  'unikraft redis ready',
  'hang',
  `${UK}1:C 16 Apr 2024 10:11:12.123 # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo\n<jemalloc>: Error in dlsym(RTLD_NEXT, "pthread_create"). Cannot enable background_thread\n1:M 16 Apr 2024 10:11:12.150 # WARNING overcommit_memory is set to 0! Background save may fail under low memory condition. Being disabled, it can also cause failures without low memory condition, see https://github.com/jemalloc/jemalloc/issues/1328.\n1:M 16 Apr 2024 10:11:12.160 * Ready to accept connections\n`,
  { end: RUNS },
);

const dns = (version: string) =>
  `${SOLO5.replace('v0.9.0', version)}2018-08-27 03:11:09 -00:00: INF [dns] listening on 53\n2018-08-27 03:12:44 -00:00: ERR [tcp] connection reset by 10.1.1.9\nFatal error: exception Dns__Protocol.Dns_resolve_error(_)\nRaised at file "map.ml", line 122, characters 10-25\nCalled from file "src0/sexp_conv.ml", line 150, characters 10-37\nSolo5: solo5_exit() called\nSolo5: Halted\n`;
add('mirage dns', 'nonzero-exit', dns('v0.9.0'), {
  same: [dns('v0.4.1').replace('10.1.1.9', '10.7.1.8')],
  differs: [dns('v0.9.0').replace('Dns__Protocol.Dns_resolve_error(_)', 'Not_found')],
});
add(
  'mirage pressure',
  'hang',
  `${SOLO5}2020-10-26 15:26:48 -00:00: INF [memory_pressure] Writing meminfo: free 115MiB / 124MiB (93.24 %)\n2020-10-27 09:01:04 -00:00: WRN [firewall] Memory low - dropping packet and resetting NAT table\n2020-10-27 09:01:04 -00:00: WRN [firewall] Memory low - dropping packet and resetting NAT table\n`,
  { end: RUNS },
);
add(
  'mirage hello done',
  'clean-exit',
  `Solo5: Xen console: port 0x2, ring @0x00000000FEFFF000\n${SOLO5}2020-08-13 19:30:58 -00:00: INF [hello] hello\n2020-08-13 19:30:59 -00:00: ERR [hello] simulated error, not fatal\nSolo5: solo5_exit(0) called\n`,
);
add(
  'mirage old oom',
  'oom',
  `MirageOS booting...\nInitialising timer interface\nInitialising console ... done.\nAttempt to open(/dev/urandom)!\nUnsupported function getpid called in Mini-OS kernel\n2017-08-28 11:33:05 -00:00: INF [dispatch] Listening on http://localhost/\n2017-08-28 11:35:04 -00:00: INF [arpv4] ARP: timeout 192.168.0.1\nCannot handle page request order 8!\nFatal error: out of memory.\nMirage exiting with status 2\nDo_exit called!\nbase is 0x42fa30 caller is 0x21375f\nbase is 0x10843c7483b Page fault at linear address 10843c74843, rip 23bd37, regs 000000000042f948, sp 42f9f0, our_sp 000000000042f908, code 0\n`,
);
add(
  'solo5 qubes by date',
  'abort',
  SOLO5.split('\n')
    .map((l) => `[2022-02-23 12:34:31] ${l}`)
    .join('\n') + '\n[2022-02-23 12:34:35] Solo5: ABORT: cpu_x86_64.c:181: Fatal trap\n',
);
add(
  'mirage tls stack',
  'stack-overflow',
  `${SOLO5}2024-03-01T10:00:00-00:00: [INFO] [https] listening on 443/TCP\nFatal error: exception Stack_overflow\nRaised by primitive operation at Stdlib__List.map in file "list.ml", line 92, characters 20-23\nCalled from Stdlib__List.map in file "list.ml", line 92, characters 32-39\nSolo5: solo5_exit(2) called\n`,
);

const osvNull = (rbx: string) =>
  `${OSV}page fault outside application, addr: 0x0000000000000000\n[registers]\nRIP: 0x000000000041cf65 <strlen+37>\nRFL: 0x0000000000010246  CS:  0x0000000000000008  SS:  0x0000000000000010\nRAX: 0x0000000000000000  RBX: ${rbx}  RCX: 0x00002000001ffb5c  RDX: 0x00002000001ffb60\nAborted\n\n[backtrace]\n0x0000000000320f0c <mmu::vm_sigsegv(unsigned long, exception_frame*)+76>\n0x0000000000372ea9 <page_fault+105>\n0x0000100000226263 <set_var_init()+132>\n`;
add('osv strlen', 'null-deref', osvNull('0x0000100000713820'), {
  same: [osvNull('0x0000200000713111')],
  differs: [osvNull('0x0000100000713820').replace('<strlen+37>', '<memcpy+11>').replace('set_var_init', 'other_init')],
});
add(
  'osv high fault',
  ['segv', 'kernel-fault'],
  `${OSV}page fault outside application, addr: 0xffff800240000000 pc:0x00000000003e0e3c text_start:0x0000000000202000 text_end 0x000000000059df08\n[registers]\nRIP: 0x00000000003e0e3c <memory::page_range_allocator::free(memory::page_range*)+268>\nRFL: 0x0000000000010202  CS:  0x0000000000000008  SS:  0x0000000000000010\n`,
);
add(
  'osv interleaved assert',
  'assert',
  `${OSV}RAX: 0x0000000000000000  RBX: 0xffff80023fe00000  RCX: 0Assertion failed: sched::exception_depth <= 1 (core/sched.cc: reschedule_from_interrupt: 238)\n\n[backtrace]\n0x000000000039c942 <???+3787074>\n`,
);
add(
  'osv namespaces',
  'abort',
  `${OSV}application::new_program() out of namespaces.\n\n[backtrace]\n0x000000000022d8ff <abort(char const*, ...)+270>\n0x0000000000644973 <osv::application::new_program()+185>\n`,
);
const hermitGp = (ip: string) =>
  `[0][INFO] Welcome to Hermit 0.8.0\n[0][INFO] Kernel starts at 400000\n[0][INFO] Total memory size: 54 MB\n[0][INFO] A pure Rust application is running on top of Hermit!\n[0][INFO] ========================== CPU INFORMATION ===========================\n[0][ERROR] General Protection (#GP) Exception: InterruptStackFrame {\n    instruction_pointer: VirtAddr(\n        ${ip},\n    ),\n    code_segment: SegmentSelector {\n        index: 1,\n        rpl: Ring0,\n    },\n    cpu_flags: RFlags(\n        RESUME_FLAG | 0x2,\n    ),\n}\n[0][ERROR] fs = 0x83a560, gs = 0xFFFF, error = 0x0\n`;
add('hermit gp', ['segv', 'kernel-fault'], hermitGp('0x8d5551'), { differs: [hermitGp('0x8d5990')] });
add(
  'hermit panic',
  ['abort', 'kernel-panic'],
  `[LOADER] Loader: [0x100000 - 0x336018]\n[LOADER] Jumping to HermitCore Application Entry Point at 0x53e440\n[0][INFO] Welcome to HermitCore-rs 0.3.44\n[0][INFO] Kernel starts at 0x400000\n[0][PANIC] panicked at src/arch/x86_64/kernel/processor.rs:412:4:\nCould not determine the processor frequency\n`,
);
add(
  'hermit app panic',
  'abort',
  `[0][INFO] Welcome to Hermit 0.8.0\n[0][INFO] Kernel starts at 400000\n[0][INFO] Jumping into application\n\nthread 'main' panicked at src/main.rs:21:45:\ncalled \`Result::unwrap()\` on an \`Err\` value: Os { code: -110, kind: Uncategorized, message: "connection timed out" }\nnote: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace\n[0][INFO] Number of interrupts\n[0][INFO] exit status 101\n`,
);
