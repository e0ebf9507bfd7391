/** Boots as consoles show them, and what a whole console is to be called. */
import type { CrashClass, EndFacts } from '../../../core/faults/fault.ts';

/** A console as it was found, or put together from what was: with its boot, its noise, and what is not its end. */
export interface WholeConsole {
  readonly name: string;
  /** More than one where people would differ. */
  readonly is: readonly CrashClass[];
  readonly text: string;
  readonly end?: Partial<EndFacts>;
  /** The same failure on another node, at another time, or in the other build. */
  readonly same?: readonly string[];
  /** Another failure. */
  readonly differs?: readonly string[];
}

type More = Pick<WholeConsole, 'end' | 'same' | 'differs'>;

export const whole = (name: string, is: CrashClass | readonly CrashClass[], text: string, more: More = {}): WholeConsole => ({
  name,
  is: typeof is === 'string' ? [is] : is,
  text,
  ...more,
});

export const RUNS: Partial<EndFacts> = { state: 'running', targetReason: 'Target.Timeout' };
export const NEVER: Partial<EndFacts> = { state: 'stopped', wasHealthy: false };

export const NANOS = 'en1: assigned 172.31.4.19\r\nen1: assigned FE80::8C:E4FF:FE11:9A01\r\n';
export const NANOS2 = 'en1: assigned 172.31.88.7\r\nen1: assigned FE80::8C:44FF:FE77:201\r\n';
export const UK = `\u001b[2JSeaBIOS (version 1.16.2-1.fc38)\r\nBooting from ROM..\u0000Powered by
o.   .o       _ _               __ _
Oo   Oo  ___ (_) | __ __  __ _ ' _) :_
oO   oO ' _ \`| | |/ /  _)' _\` | |_|  _)
oOo oOO| | | | |   (| | | (_) |  _) :_
 OoOoO ._, ._:_:_,\\_._,  .__,_:_, \\___)
                  Calypso 0.17.0~ddc5bf7
`;
export const SOLO5 = `            |      ___|
  __|  _ \\  |  _ \\ __ \\
\\__ \\ (   | | (   |  ) |
____/\\___/ _|\\___/____/
Solo5: Bindings version v0.9.0
Solo5: Memory map: 64 MB addressable:
Solo5:   reserved @ (0x0 - 0xfffff)
Solo5:       text @ (0x100000 - 0x2ecfff)
Solo5:     rodata @ (0x2ed000 - 0x34ffff)
Solo5:       data @ (0x350000 - 0x4b6fff)
Solo5:       heap >= 0x4b7000 < stack < 0x4000000
`;
export const AL = `[    0.000000] Linux version 6.1.112-122.189.amzn2023.x86_64 (mockbuild@ip-10-0-44-41) (gcc (GCC) 11.4.1 20230605) #1 SMP PREEMPT_DYNAMIC Tue Oct  8 17:02:11 UTC 2024\r
[    0.000000] Command line: BOOT_IMAGE=(hd0,gpt1)/boot/vmlinuz-6.1.112 root=UUID=5b4672e4-e92c-4648-b4dd-1496353e665d ro console=tty0 console=ttyS0,115200n8 nvme_core.io_timeout=4294967295 rd.emergency=poweroff rd.shell=0 panic=1 oops=panic softlockup_panic=1\r
[    0.061200] Spectre V2 : Mitigation: Enhanced / Automatic IBRS\r
[    0.504112] ERST: Error Record Serialization Table (ERST) support is initialized.\r
[    0.611245] RAS: Correctable Errors collector initialized.\r
[    0.799981] ena 0000:00:05.0: Elastic Network Adapter (ENA) found at mem febf4000\r
[    2.104223] systemd[1]: Starting kdump.service - Crash recovery kernel arming...\r
[    3.004223] systemd[1]: Reached target multi-user.target - Multi-User System.\r
\r
Amazon Linux 2023\r
Kernel 6.1.112-122.189.amzn2023.x86_64 on an x86_64 (-)\r
\r
ip-172-31-4-19 login: `;
export const OSV = 'OSv v0.57.0-41-g1a2b3c4d\neth0: 192.168.122.15\nBooted up in 182.44 ms\nCmdline: /server --port 8080\n';

export const goNil = (at: string, gid: string, line = '44') =>
  `panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=${at}]\n\ngoroutine ${gid} [running]:\nmain.(*store).get(0x0, {0xc000014078, 0x5})\n\t/build/${gid}/store.go:${line} +0x25\nmain.main()\n\t/build/${gid}/main.go:19 +0x1d\nexit status 2\n`;
