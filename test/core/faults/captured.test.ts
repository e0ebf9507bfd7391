/** Consoles of both images of examples/hello, as QEMU showed them when their bugs were found. */
import { expect, it } from 'vitest';
import { classify } from '../../../core/faults/classify.ts';

const FIRMWARE = '\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS (version 1.16.2-debian-1.16.2-1)\r\nBooting from Hard Disk...\r\n\r\n';
const LOADER = `SYSLINUX 6.04 EDD 20210613 Copyright (C) 1994-2015 H. Peter Anvin et al\r
\r
SYSLINUX 6.04 20210613 Copyright (C) 1994-2015 H. Peter Anvin et al\r
Loading linux...Loading linux...  ook\r
k\r
Probing EDD (edd=off to disable)... o\x1bc\x1b[?7l\x1b[2J`;
const serving = (build: string) => `tandem: address 10.0.2.15\r\nhello 1.0.0 (${build}) listens on port 8080 of ip-10-0-2-15\r\n`;
const ASSERTED = "hello: hello.c:81: meet_bug: Assertion `nobody != NULL' failed.\r\n";
const off = (at: string) => `[    ${at}] reboot: Power down\r\n`;

const unikernel = (end: string) => `${FIRMWARE}${LOADER}${serving('unikernel')}${end}${off('3.277320')}`;
const linux = (end: string) =>
  `${FIRMWARE}${LOADER}[    0.000000] Linux version 6.1.0-56-cloud-amd64 (debian-kernel@lists.debian.org)\r\n${serving('linux')}${end}${off('5.454369')}`;

const SIGNAL_6 = `[    3.461495] potentially unexpected fatal signal 6.\r
[    3.461725] CPU: 0 PID: 88 Comm: hello Not tainted 6.1.0-56-cloud-amd64 #1  Debian 6.1.192-2\r
[    3.462179] RIP: 0033:0x42123b\r
tandem: gdb: Program terminated with signal SIGABRT, Aborted.\r
tandem: gdb: #5  0x00000000004018c7 in meet_bug (path=0x7ffcbfd6e730 "/bugs/assert") at ./hello.c:81\r
`;
const SIGNAL_11 = `[    3.060565] hello[88]: segfault at 0 ip 000000000040185d sp 00007ffe2320cc80 error 6 in hello[401000+96000] likely on CPU 0 (core 0, socket 0)\r
[    3.065436] potentially unexpected fatal signal 11.\r
[    3.066080] RIP: 0033:0x40185d\r
tandem: gdb: Program terminated with signal SIGSEGV, Segmentation fault.\r
`;

const of = (text: string, state: 'stopped' | 'running' = 'stopped') =>
  classify({ console: new TextEncoder().encode(text), end: { state, wasHealthy: true } });

it('an assertion has one class and one fingerprint in both', () => {
  const one = of(unikernel(`${ASSERTED}tandem: hello: exit status 134 (SIGABRT)\r\n`));
  const other = of(linux(`${ASSERTED}${SIGNAL_6}tandem: hello: exit status 134 (SIGABRT)\r\n`));
  expect(one).toMatchObject({ crashClass: 'assert', summary: 'assertion "nobody != NULL" failed at hello.c:81 in meet_bug' });
  expect(other).toMatchObject({ crashClass: 'assert', fingerprint: one.fingerprint });
});

it('a null pointer is named in both, and only a signal where a kernel is quiet', () => {
  const end = 'tandem: hello: exit status 139 (SIGSEGV)\r\n';
  expect(of(unikernel(end)).crashClass).toBe('segv');
  const [line = ''] = SIGNAL_11.split('\r\n');
  expect(of(unikernel(`${line}\r\n${end}`)).crashClass).toBe('null-deref');
  expect(of(linux(`${SIGNAL_11}${end}`)).crashClass).toBe('null-deref');
});

it('an end with 0 is a clean exit in both', () => {
  const end = 'tandem: hello: exit status 0\r\n';
  const [one, other] = [of(unikernel(end)), of(linux(end))];
  expect(one.crashClass).toBe('clean-exit');
  expect(other).toMatchObject({ crashClass: 'clean-exit', fingerprint: one.fingerprint });
});

it('one that is reset before it says anything of its own is known by its firmware', () => {
  expect(of(`${FIRMWARE}${LOADER}${serving('unikernel')}${FIRMWARE}${LOADER}${FIRMWARE}`, 'running')).toMatchObject({
    crashClass: 'reset-loop',
    summary: 'it booted 3 times, and does not say why',
  });
  expect(of(`${FIRMWARE}${LOADER}${serving('unikernel')}`, 'running').crashClass).toBe('hang');
});

const interrupted = (at: string) =>
  `[    ${at}] Uhhuh. NMI received for unknown reason 30 on CPU 0.\r\n[    ${at}] Kernel panic - not syncing: NMI: Not continuing\r\n[    ${at}] RIP: 0010:native_safe_halt+0xb/0x10\r\n`;

it('one that was interrupted while it told what it died of died of that', () => {
  const told = Array.from({ length: 12 }, (_, frame) => `tandem: gdb: #${frame}  0x000000000040 in meet_bug\r\n`).join('');
  const died = `${serving('linux')}${SIGNAL_11}${told}`;
  expect(of(`${died}${interrupted('92.871932')}`, 'running').crashClass).toBe('null-deref');
  expect(of(`${died}${interrupted('492.871932')}`, 'running').crashClass).toBe('hang');
  const goneOn = 'GET / 200\r\n'.repeat(6);
  expect(of(`${died}${goneOn}${interrupted('92.871932')}`, 'running').crashClass).toBe('hang');
});

it('one that resets itself again and again is not called hung for the boot that a diagnostic interrupt met', () => {
  const reset = '[    3.394024] reboot: Restarting system\r\n[    3.394151] reboot: machine restart\r\n';
  const boot = `${FIRMWARE}${LOADER}tandem: address 10.0.2.15\r\n`;
  expect(of(`${boot}${reset}${boot}${interrupted('2.871932')}`, 'running')).toMatchObject({
    crashClass: 'reset-loop',
    summary: 'it booted 2 times, and does not say why',
  });
  expect(of(`${boot}${reset}${boot}${interrupted('171.871932')}`, 'running').crashClass).toBe('hang');
  expect(of(`${boot}${interrupted('2.871932')}`, 'running').crashClass).toBe('hang');
});
