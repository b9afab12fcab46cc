import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import type { Cache } from '../cache/cache.ts'
import { isStatic, mirrorsOf } from '../mirrors.ts'
import { pods } from '../resources.ts'

export type MirrorStatusDeps = {
  readonly cache: Pick<Cache, 'list' | 'subscribe'>
  /** Tells the API the status of one of its pods. */
  readonly send: (pod: Pod, status: PodStatus) => void
}

/**
 * Tells the API how the pods of this node are: of one that was born here by its mirror, and to one that is made later what was told last.
 * Answers what the kubelet is to report to.
 */
export function createMirrorStatus({ cache, send }: MirrorStatusDeps): (pod: Pod, status: PodStatus) => void {
  /** Of static pods, by their own uid: what was told last, and to which mirror. */
  const told = new Map<string, { readonly status: PodStatus; to: string | undefined }>()

  const sendOn = () => {
    if (told.size === 0) return
    const all = cache.list(pods)
    const mirrors = mirrorsOf(all)
    const born = new Set(all.filter(isStatic).map(({ metadata }) => metadata.uid))
    for (const [uid, entry] of told) {
      const mirror = mirrors.get(uid)
      if (mirror !== undefined && mirror.metadata.uid !== entry.to) {
        entry.to = mirror.metadata.uid
        send(mirror, entry.status)
      }
      if (!born.has(uid)) told.delete(uid)
    }
  }
  cache.subscribe(pods, sendOn)
  return (pod, status) => {
    if (!isStatic(pod)) return send(pod, status)
    told.set(pod.metadata.uid ?? '', { status, to: undefined })
    sendOn()
  }
}
