import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { restartsAfter } from '@bramble/shared/kinds/rules/restart-policy.ts'
import { isSidecar } from '../wanted/pod-facts.ts'
import { latest, type SeenPod } from '../observed/seen.ts'

export type Outcome = { readonly phase: 'Succeeded' | 'Failed'; readonly reason?: string; readonly message?: string }

export type PodTimes = {
  /** How long the pod has been active, by a clock that nobody sets. */
  readonly activeMs?: number
}

/** How much of the pod's active deadline is left; undefined when it has none, or has not begun. */
export function deadlineInMs({ spec, status }: Pod, { activeMs }: PodTimes): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || status?.startTime === undefined || activeMs === undefined) return undefined
  return spec.activeDeadlineSeconds * 1000 - activeMs
}

/** How the pod has ended, undefined while it may still do something: all its containers ended for good, or its time is up. */
export function outcomeOf(pod: Pod, seen: SeenPod, times: PodTimes): Outcome | undefined {
  const { spec } = pod
  const restMs = deadlineInMs(pod, times)
  if (restMs !== undefined && restMs <= 0)
    return { phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }
  for (const container of (spec.initContainers ?? []).filter((each) => !isSidecar(each))) {
    const last = latest(seen, container.name)
    if (last?.state !== 'exited' || last.exitCode === 0) continue
    if (!restartsAfter(container, spec, last.exitCode)) return { phase: 'Failed' }
  }
  const ends = spec.containers.map((container) => {
    const last = latest(seen, container.name)
    return last?.state !== 'exited' || restartsAfter(container, spec, last.exitCode) ? undefined : last.exitCode
  })
  if (ends.includes(undefined)) return undefined
  return { phase: ends.every((exitCode) => exitCode === 0) ? 'Succeeded' : 'Failed' }
}
