import { isDeepStrictEqual } from 'node:util'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import { ownConditions } from './pod-conditions.ts'

/**
 * The kubelet's part of a pod's status as a strategic merge patch. Conditions merge by type and only our own are named, so that
 * readiness gates, DisruptionTarget and whatever else others say of the pod stays. What we no longer say is taken away by name.
 */
export function statusPatch(status: PodStatus): object {
  const { message, reason, hostIP, hostIPs, podIP, podIPs } = status
  return {
    ...status,
    message: message ?? null,
    reason: reason ?? null,
    hostIP: hostIP ?? null,
    hostIPs: replacing(hostIPs),
    podIP: podIP ?? null,
    podIPs: replacing(podIPs),
    conditions: ownOf(status).map((condition) => ({
      ...condition,
      reason: condition.reason ?? null,
      message: condition.message ?? null,
    })),
  }
}

/** Whether two statuses say the same in the kubelet's part. The API has empty structs and nulls where nothing was said. */
export const saysTheSame = (a: PodStatus, b: PodStatus | undefined): boolean =>
  b !== undefined && isDeepStrictEqual(said({ ...a, conditions: ownOf(a) }), said({ ...b, conditions: ownOf(b) }))

const said = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value ?? undefined
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => said(item))
  const parts = Object.entries(value).flatMap(([name, part]) => {
    const of = said(part)
    return of === undefined ? [] : [[name, of] as const]
  })
  return parts.length === 0 ? undefined : Object.fromEntries(parts)
}

/** In one order: the API keeps the order in which conditions came. */
const ownOf = ({ conditions = [] }: PodStatus) => ownConditions.flatMap((type) => conditions.filter((condition) => condition.type === type))

/** These lists merge by their elements: without the directive an address of an earlier sandbox would stay. */
const replacing = (list: readonly object[] | undefined) => (list === undefined ? null : [{ $patch: 'replace' }, ...list])
