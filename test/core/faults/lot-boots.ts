/** Our own image, as its console comes out at the level it logs at. */
const SIGNALS: Readonly<Record<number, string>> = {
  4: 'ILL',
  6: 'ABRT',
  7: 'BUS',
  8: 'FPE',
  9: 'KILL',
  11: 'SEGV',
  15: 'TERM',
  31: 'SYS',
};

const KERNEL = `[    0.000000] Linux version 6.1.0-56-cloud-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0)\r
[    0.000000] Command line: BOOT_IMAGE=linux console=ttyS0 loglevel=7 printk.time=1 panic=1 rdinit=/init\r
[    0.210004] ACPI: Early table checksum verification disabled\r
[    0.402211] Run /init as init process\r
[    1.310021] EXT4-fs (vda2): mounted filesystem with ordered data mode. Quota mode: none.\r
tandem: address 10.0.2.15\r
`;

/** What the program says, and the supervisor of its end. */
export function ours(name: string, status: number, said: string): string {
  const signal = SIGNALS[status - 128];
  const end = `tandem: ${name}: exit status ${status}${signal === undefined ? '' : ` (SIG${signal})`}`;
  return `${KERNEL}${said.replaceAll('\n', '\r\n')}${end}\r\n[   91.377282] reboot: Power down\r\n`;
}

export const kernelOf = (said: string): string => `${KERNEL}${said}`;
