import type { Clock } from '@bramble/shared/clock.ts'
import type { AuditOptions } from './audit-log.ts'
import { logFile } from './log-file.ts'
import { policyOf } from './policy.ts'
import { standardOutput } from './written-lines.ts'

/** As the hub is told it. */
export type AuditFlags = {
  readonly auditPolicyFile: string
  readonly auditMemoryKib: number
  readonly auditLogPath: string
  readonly auditLogMaxsize: number
  readonly auditLogMaxbackup: number
  readonly auditLogMaxage: number
}

type Deps = {
  readonly clock: Clock
  readonly read: (path: string) => string
  /** Of YAML. */
  readonly parse: (text: string) => unknown
  readonly stdout: NodeJS.WritableStream
}

const mib = 1024 * 1024

/** What options say of the audit log. Refuses a policy that is none; a file that cannot be written is told of when it is to be. */
export function auditOptions(flags: AuditFlags, { clock, read, parse, stdout }: Deps): AuditOptions {
  const { auditPolicyFile: path, auditLogPath, auditLogMaxsize, auditLogMaxbackup: most, auditLogMaxage: days } = flags
  const toFile = () => logFile({ path: auditLogPath, maxBytes: auditLogMaxsize * mib, backups: { most, days }, clock })
  return {
    ...(path !== '' && { policy: policyOf(read(path), { path, parse }) }),
    ringBytes: flags.auditMemoryKib * 1024,
    ...(auditLogPath !== '' && { output: auditLogPath === '-' ? standardOutput(stdout) : toFile() }),
  }
}
