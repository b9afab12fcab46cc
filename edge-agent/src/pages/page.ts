import { marked } from '@bramble/shared/discover.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { GroupUsage } from '../host/group-usage.ts'
import type { InterfaceUsage } from '../host/network-usage.ts'
import type { PodUsage } from '../kubelet/resources/pod-usage.ts'

/** What pages are made of. Everything is looked at when a page is asked for. */
export type PageScene = {
  readonly nodeName: string
  readonly clock: Clock
  readonly pods: (signal: AbortSignal) => Promise<readonly PodUsage[]>
  readonly wanted: () => readonly Pod[]
  readonly machine: () => Machine
  /** Nanoseconds of CPU in a second, of the node under `''` and of each container by its id; those of which nothing can be said yet are not there. */
  readonly pace: (signal: AbortSignal) => Promise<ReadonlyMap<string, number>>
}
export type Machine = {
  readonly group: GroupUsage
  readonly network: readonly InterfaceUsage[]
  readonly cores: number
  readonly memoryBytes: number
  readonly swapBytes: number
  /** Epoch milliseconds. */
  readonly startedAt: number
  /** Where pods and images are. */
  readonly disk: { readonly sizeBytes: number; readonly freeBytes: number; readonly inodes: number; readonly freeInodes: number }
}

/** What the agent tells at one path of its kubelet's API. A file in `served/` that exports one is served by that alone. */
export type Page = {
  readonly isPage: true
  readonly path: string
  readonly contentType: string
  text(scene: PageScene, signal: AbortSignal): Promise<string> | string
}

export const definePage = (page: Omit<Page, 'isPage'>): Page => Object.freeze({ ...page, isPage: true as const })
export const isPage = marked<Page>('isPage')

/** The text format of Prometheus. */
export const exposition = 'text/plain; version=0.0.4; charset=utf-8'
