/** Unikernels of several makers: as `lot-servers.ts`. */
import type { WholeConsole } from './whole-boots.ts';
import { NANOS, NEVER, OSV, SOLO5, UK, whole } from './whole-boots.ts';

const list: WholeConsole[] = [];
const add = (...console: Parameters<typeof whole>) => list.push(whole(...console));
export const LOT_GUESTS: readonly WholeConsole[] = list;

add(
  'nanos netconsole',
  'kernel-fault',
  `\nno fault handler\ncpu 0000000000000000, state kernel, vector 000000000000000e\n interrupt: 000000000000000e (Page fault)\n     frame: ffffc00000a50000\n      type: kernel\nactive_cpu: 0000000000000000\n stack top: ffffc00000a57ff0\nerror code: 0000000000000003\n   address: ffffffff801242f7\n\n   rax: 0000000000000032\n   rsp: ffffc00000a57ba8\n   rip: ffffffff8003593a\t(netconsole_config + 00000000000000aa/00000000000003f7)\nrflags: 0000000000010046\n`,
  { end: NEVER },
);
add(
  'nanos of 2018',
  'null-deref',
  `create fs\nkernel complete\nassigned: 10.0.2.15\nbuild exec stack 00000020000000000\nenq\nnosyscall sched_getaffinity\nPage fault\ninterrupt: 000000000000000e\nframe: 0000000100200800\nerror code: 0000000000000000\naddress: 0000000000000002\nrax: 0000000000000ff0\nrsp: 000000010143fd88\nrip: 000000000040284c\nflags: 0000000000000087\nstack\n000000010143fe88\n`,
);
const ill = (tid: string, pc: string) =>
  `${NANOS}\n*** signal 4 received by tid ${tid}, errno 0, code 2\n    fault address 0x${pc}\n\nlastvector: 0000000000000006 (Invalid Opcode)\n     frame: ffffc0000180b000\n      type: thread\nactive_cpu: 0000000000000000\n stack top: 0000000000000000\n\n       rip: 0000${pc.padStart(12, '0')}\n       rsp: 00007ffdeadb1000\n`;
add('nanos opcode', 'illegal-instruction', ill('2', '5601a2b3c4d5'), {
  same: [ill('4', '7f01a2b3c4d5')],
  differs: [ill('2', '5601a2b3cfff')],
});
add(
  'nanos throw',
  'abort',
  `${NANOS}terminate called after throwing an instance of 'std::runtime_error'\n  what():  no cart 7\n\n*** signal 6 received by tid 2, errno 0, code -6\n`,
  {
    same: [
      `${NANOS}terminate called after throwing an instance of 'std::runtime_error'\n  what():  no cart 12\n\n*** signal 6 received by tid 9, errno 0, code -6\n`,
    ],
  },
);
const uk = (rip: string) =>
  `${UK}[    0.786024] ERR:  [libposix_process] Ignore updating resource 7: cur = 1024, max = 1024\n[    0.789125] CRIT: [libukvmem] Cannot handle read page fault at 0x0 (ec: 0x0): Bad address (14).\n[    0.791377] CRIT: [libkvmplat] RIP: ${rip} CS: 0008\n[    0.792902] CRIT: [libkvmplat] RSP: 0000001001b34f88 SS: 0010 EFLAGS: 00210246\n`;
add('unikraft java', 'null-deref', uk('0000001016fd662d'), { same: [uk('0000001016fe762d').replaceAll('0.79', '1.81')] });
add(
  'unikraft mongo',
  'kernel-fault',
  `en1: Interface is up\nPowered by Unikraft Kiviuq (0.20.0~667ac92)\n[    0.807213] CRIT: Unikraft Crash - Kiviuq (0.20.0~667ac92)\n[    0.808226] CRIT:        _\n[    0.808308] CRIT:  cx xo\n[    0.808554] CRIT: Registers:\n[    0.808695] CRIT: rip: 0008:000000100d84322a\n[    0.808850] CRIT: rsp: 0010:00000010001827f0 eflags: 00010202 orig_rax: 00\n`,
  { end: NEVER },
);
add(
  'unikraft paging assert',
  'assert',
  `SeaBIOS (version 1.16.0-debian-1.16.0-5)\nBooting from ROM..[    0.000000] CRIT: [libkvmplat] <paging.c @  541> Assertion failure: ukarch_paddr_range_isvalid(pa)\n`,
  { end: NEVER },
);
add(
  'unikraft lwip',
  'assert',
  `${UK}[  101.4] CRIT: [liblwip] <tcp_in.c @  512> Assertion "tcp_input: active pcb->state != TIME-WAIT" failed at line 512 in /build/libs/lwip/src/core/tcp_in.c\n`,
);
add(
  'unikraft elf',
  ['startup-config', 'boot-failure'],
  `${UK}[    0.123] ERR:  [appelfloader] <main.c @  101> /server: Failed to open: No such file or directory (-2)\n`,
  { end: NEVER },
);
add(
  'unikraft double fault',
  'kernel-fault',
  `SeaBIOS (version 1.15.0-1)\nBooting from ROM...\n[    0.127479] CRIT: [libkvmplat] <traps.c @   84> Unhandled Trap 8 (double fault), error code=0x0\n[    0.182522] CRIT: [libkvmplat] <trace.c @   41> RIP: 0000000000165d51 CS: 0008\n[    0.579651] CRIT: [libkvmplat] <traps.c @   90> Crashing\n`,
  { end: NEVER },
);
add(
  'mirage dns',
  'nonzero-exit',
  `${SOLO5}Fatal error: exception Dns__Protocol.Dns_resolve_error(_)\nRaised at file "map.ml", line 122, characters 10-25\nCalled from file "src0/sexp_conv.ml", line 150, characters 10-37\nSolo5: solo5_exit() called\nSolo5: Halted\n`,
);
add(
  'mini-os network',
  'null-deref',
  `MirageOS booting...\nInitialising timer interface\nInitialising console ... done.\n2026-03-07 16:08:22 -00:00: INF [net-xen:frontend] connect 0\nPage fault at linear address 28, rip fcca1, regs 00000000002af988, sp 2afa30, our_sp 00000000002af950, code 0\nPage fault in pagetable walk (access to invalid memory?).\n`,
);
add(
  'mini-os device',
  'nonzero-exit',
  `Xen Minimal OS!\nNetif: add resume hook\nNetif.connect tap0: could not find device\nFatal error: exception Failure("net_tap0: device tap0 not found (available = [  ])")\nRaised at file "src/core/lwt.ml", line 888, characters 22-23\nMirage exiting with status 2\nDo_exit called!\n`,
);
add(
  'rumprun pages',
  ['oom', 'kernel-panic'],
  `rump kernel bare metal bootstrap\n\n=== calling "./mir-console.bin" main () ===\n\ncannot handle page request order 2/0x0!\npanic: uvm_km_alloc failed\nrump kernel halting...\nPANIC: rumpuser panic\nhalted\n`,
);
add(
  'rumprun assert',
  'assert',
  `rump kernel bare metal bootstrap\n\nx86_initclocks(): Using PV clock for timekeeping\nPANIC: assert "current_lwp == NULL" FAILED\nhalted\n`,
);
const diagnostic = (file: string, line: string) =>
  `=== calling "../bin/php-cgi.bin" main() ===\n\nrumprun: call to \`\`sigaction'' ignored\npanic: kernel diagnostic assertion "ph == NULL || ((pp->pr_roflags & PR_PHINPAGE) != 0)" failed: file "${file}/src-netbsd/sys/rump/librump/rumpkern/../../../kern/subr_pool.c", line ${line} \nrump kernel halting...\nPANIC: rumpuser panic\nhalted\n`;
add('rumprun diagnostic', 'assert', diagnostic('/root/rumprun', '449'), {
  same: [diagnostic('/build', '449')],
  differs: [diagnostic('/root/rumprun', '12')],
});
add(
  'rumprun returns',
  'nonzero-exit',
  `=== calling "hello.bin" main() ===\n\nhello: no input\n\n=== main() of "hello.bin" returned 1 ===\n\n=== _exit(1) called ===\nrump kernel halting...\nsyncing disks... done\nunmounting file systems...\nunmounted tmpfs on /tmp type tmpfs\nhalted\n`,
);
add(
  'rumprun done',
  'clean-exit',
  `=== calling "hello.bin" main() ===\n\nhello\n\n=== main() of "hello.bin" returned 0 ===\n\n=== _exit(0) called ===\nrump kernel halting...\nhalted\n`,
);
add(
  'osv null',
  'null-deref',
  `${OSV}page fault outside application, addr: 0x0000000000000000\n[registers]\nRIP: 0x00000000402faf97 <serve+41>\nRFL: 0x0000000000010246  CS:  0x0000000000000008\n[backtrace]\n0x0000000040238949 <page_fault+105>\n0x00000000402faf97 <ex_pf+34>\n0x000010000840f45c <serve+41>\n`,
);
add('osv returns', 'nonzero-exit', `${OSV}no such table\nprogram /server.so returned 3\n`);
add(
  'hermit gp',
  'segv',
  `[0][INFO] Welcome to Hermit 0.8.0\n[0][INFO] A pure Rust application is running on top of Hermit!\n[0][ERROR] General Protection (#GP) Exception: InterruptStackFrame {\n    instruction_pointer: VirtAddr(\n        0x4a1c2d,\n    ),\n}, error 0x0\n`,
);
