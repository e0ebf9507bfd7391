/** Rights of root that a service may have one by one, by the names of the kernel (capabilities(7)): each at its number. */
export const CAPABILITIES = [
  ...(['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH', 'CAP_FOWNER', 'CAP_FSETID', 'CAP_KILL'] as const),
  ...(['CAP_SETGID', 'CAP_SETUID', 'CAP_SETPCAP', 'CAP_LINUX_IMMUTABLE', 'CAP_NET_BIND_SERVICE'] as const),
  ...(['CAP_NET_BROADCAST', 'CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_IPC_LOCK', 'CAP_IPC_OWNER', 'CAP_SYS_MODULE'] as const),
  ...(['CAP_SYS_RAWIO', 'CAP_SYS_CHROOT', 'CAP_SYS_PTRACE', 'CAP_SYS_PACCT', 'CAP_SYS_ADMIN', 'CAP_SYS_BOOT'] as const),
  ...(['CAP_SYS_NICE', 'CAP_SYS_RESOURCE', 'CAP_SYS_TIME', 'CAP_SYS_TTY_CONFIG', 'CAP_MKNOD', 'CAP_LEASE'] as const),
  ...(['CAP_AUDIT_WRITE', 'CAP_AUDIT_CONTROL', 'CAP_SETFCAP', 'CAP_MAC_OVERRIDE', 'CAP_MAC_ADMIN', 'CAP_SYSLOG'] as const),
  ...(['CAP_WAKE_ALARM', 'CAP_BLOCK_SUSPEND', 'CAP_AUDIT_READ', 'CAP_PERFMON', 'CAP_BPF', 'CAP_CHECKPOINT_RESTORE'] as const),
] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** As /proc/PID/status shows a set of them: 16 hexadecimal digits. */
export const capabilityMask = (names: readonly Capability[]): string =>
  names
    .reduce((mask, name) => mask | (1n << BigInt(CAPABILITIES.indexOf(name))), 0n)
    .toString(16)
    .padStart(16, '0');

/** What the kernel has as a module, and loads for nobody: an image has neither modprobe nor modules. */
export const modulesFor = (names: readonly Capability[]): readonly string[] => (names.includes('CAP_NET_ADMIN') ? ['tun'] : []);
