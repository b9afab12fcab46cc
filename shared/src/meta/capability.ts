/**
 * capabilities(7), without the prefix. Pods name them in capitals and without it, as in `NET_RAW`; the kernel's own name, `CAP_NET_RAW`,
 * and small letters mean the same.
 */
const names = new Set(
  (
    'AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK ' +
    'IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP ' +
    'SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME ' +
    'SYS_TTY_CONFIG SYSLOG WAKE_ALARM'
  ).split(' '),
)

/** As a runtime wants it: it drops what it does not know without a word. */
export const capabilityName = (text: string): string => text.toUpperCase().replace(/^CAP_/, '')

export const isCapability = (text: string): boolean => names.has(capabilityName(text)) || capabilityName(text) === 'ALL'
