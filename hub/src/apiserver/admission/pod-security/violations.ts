import type { PodLike } from '@bramble/shared/kinds/rules/unserved.ts'
import { type Check, checkedOf, type Violation } from './check.ts'
import { confinementChecks } from './checks/confinement.ts'
import { hostChecks } from './checks/host.ts'
import { restrictedChecks } from './checks/restricted.ts'
import type { Level, Standard } from './policy.ts'

const byId = (one: Check, other: Check) => (one.id < other.id ? -1 : 1)

/** Those of `baseline` first, each level by its names, as Kubernetes tells them. */
const allChecks: readonly Check[] = [...[...hostChecks, ...confinementChecks].toSorted(byId), ...[...restrictedChecks].toSorted(byId)]

/** By `level:minor`; the number of releases that labels may name is bounded by what changes anything. */
const known = new Map<string, readonly Check[]>()
const releases = allChecks.map(({ since = 0 }) => since)

function checksOf(level: Level, minor: number): readonly Check[] {
  const release = Math.max(0, ...releases.filter((since) => since <= minor))
  const key = `${level}:${release}`
  let checks = known.get(key)
  if (checks === undefined) {
    const asked = allChecks.filter((one) => (level === 'restricted' || one.level === 'baseline') && (one.since ?? 0) <= minor)
    const replaced = new Set(asked.map(({ instead }) => instead))
    known.set(key, (checks = asked.filter(({ id }) => !replaced.has(id))))
  }
  return checks
}

/** Everything by which a pod, or what pods are made from, breaks a standard. */
export function violationsOf({ level, minor }: Standard, { metadata, spec }: PodLike): readonly Violation[] {
  if (level === 'privileged') return []
  const pod = checkedOf(metadata?.annotations, spec, minor)
  return checksOf(level, minor).flatMap(({ check }) => check(pod) ?? [])
}

export const reasonsOf = (violations: readonly Violation[]): string => violations.map(({ reason }) => reason).join(', ')

export const detailsOf = (violations: readonly Violation[]): string =>
  violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ')
