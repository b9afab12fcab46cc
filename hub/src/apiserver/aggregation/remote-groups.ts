import type { ApiRequest, ApiResponse, Caller, Handler } from '@bramble/shared/api/api-request.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { pathOf } from '@bramble/shared/api/path.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { type ApiService, apiServices } from '@bramble/shared/kinds/api-service.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { derived, type KindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Entry } from '../../store/store.ts'
import { hubParts, overLoopback } from '../authz/hub-parts.ts'
import type { Registry } from '../objects/registry.ts'
import { readableObject } from '../query/selectors.ts'
import type { Identity } from '../remote/remote-agent.ts'
import type { Remote } from '../remote/remote.ts'
import { judge, type Judgement } from './availability.ts'
import { createOpenAnswers, forward } from './forward.ts'
import type { RemoteResource } from './resource-list.ts'

/** A group and version that somebody else's server answers for. */
export type RemoteGroup = {
  readonly group: string
  readonly version: string
  readonly groupPriority: number
  readonly versionPriority: number
  readonly isAvailable: boolean
  /** It has told what it serves. */
  readonly isRead: boolean
  /** What it told last, though it may not be there now. */
  readonly resources: readonly RemoteResource[]
  readonly answer: (request: ApiRequest, caller: Caller) => Promise<ApiResponse>
}

export type RemoteGroups = {
  /** All of them now; another array after each change. */
  all(): readonly RemoteGroup[]
  find(group: string, version: string): RemoteGroup | undefined
  /** Follows the stored APIServices and writes down whether they answer. */
  start(handle: Handler): void
  stop(): void
}

export type RemoteGroupsDeps = {
  readonly registry: Registry
  readonly kinds: Pick<KindSet, 'all'>
  readonly remote: Remote
  readonly identity: () => Identity | undefined
  readonly clock: Clock
  readonly log: Log
  /** Between two looks at one that answers, and at one that does not. */
  readonly lookMs?: { readonly available: number; readonly unavailable: number }
}

type Known = { entry: Entry; service: ApiService; group: RemoteGroup; readonly looking: AbortController }

/** The groups of other servers, as the stored APIServices say, each looked at by a loop of its own. What the hub stores itself it answers for. */
export function createRemoteGroups({ lookMs = { available: 30_000, unavailable: 5000 }, ...deps }: RemoteGroupsDeps): RemoteGroups {
  const { registry, kinds, clock, log } = deps
  const open = createOpenAnswers()
  const prefix = registry.prefixOf(apiServices)
  const known = new Map<string, Known>()
  const stored = derived(kinds, (all) => new Set(all.map(apiVersionOf)))
  let now: readonly RemoteGroup[] = []
  let handle: Handler | undefined
  let watch: { close(): void } | undefined

  const changed = () => void (now = [...known.values()].map(({ group }) => group))

  const groupOf = (service: ApiService, judged: Pick<RemoteGroup, 'isAvailable' | 'isRead' | 'resources'>): RemoteGroup => ({
    group: service.spec.group ?? '',
    version: service.spec.version ?? '',
    groupPriority: service.spec.groupPriorityMinimum,
    versionPriority: service.spec.versionPriority,
    ...judged,
    answer: async (request, caller) => {
      if (!judged.isAvailable) throw new ApiError('ServiceUnavailable', 'service unavailable')
      return forward(service, { request, caller }, { ...deps, open })
    },
  })

  const put = (entry: Entry): void => {
    const name = entry.key.slice(prefix.length)
    const service = readableObject(registry, apiServices, entry)
    const before = known.get(name)
    if (service?.spec.service === undefined) return drop(name)
    if (before !== undefined && isSameJson(before.service.spec, service.spec)) {
      before.entry = entry
      before.service = service
      return
    }
    before?.looking.abort()
    // One that is changed answers for as long as nothing else is known.
    const isAvailable = before?.group.isAvailable ?? isTrue(service)
    const { isRead = false, resources = [] } = before?.group ?? {}
    const group = groupOf(service, { isAvailable, isRead, resources })
    const next: Known = { entry, service, group, looking: new AbortController() }
    known.set(name, next)
    changed()
    void look(next)
  }

  const drop = (name: string): void => {
    known.get(name)?.looking.abort()
    if (known.delete(name)) changed()
  }

  const look = async (of: Known): Promise<void> => {
    const { signal } = of.looking
    while (!signal.aborted) {
      try {
        const judged = await judge(of.service, deps, signal)
        settle(of, judged)
        await tell(of, judged)
      } catch (error) {
        if (!signal.aborted)
          log.warn({ apiService: of.service.metadata.name, error: messageOf(error) }, 'whether an APIService answers could not be told')
      }
      await sleep(of.group.isAvailable ? lookMs.available : lookMs.unavailable, signal).catch(() => {})
    }
  }

  const settle = (of: Known, { condition, resources: told }: Judgement): void => {
    if (of.looking.signal.aborted) return
    const before = of.group
    const isAvailable = condition.status === 'True'
    const isRead = before.isRead || told !== undefined
    const resources = told ?? before.resources
    if (isAvailable === before.isAvailable && isRead === before.isRead && isSameJson(resources, before.resources)) return
    of.group = groupOf(of.service, { isAvailable, isRead, resources })
    changed()
  }

  const tell = async (of: Known, { condition }: Judgement): Promise<void> => {
    const { metadata, status } = of.service
    const before = status?.conditions?.find(({ type }) => type === 'Available')
    const isSame = before?.status === condition.status && before.reason === condition.reason && before.message === condition.message
    if (isSame || handle === undefined || of.looking.signal.aborted) return
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : formatTime(new Date(clock.now()))
    const { user, manager } = hubParts.apiserver
    const answer = await handle(
      {
        ...{ method: 'PATCH', path: `${pathOf(apiServices, { name: metadata.name })}/status`, query: new URLSearchParams() },
        headers: { 'user-agent': manager, 'content-type': 'application/strategic-merge-patch+json' },
        body: { metadata: { uid: metadata.uid }, status: { conditions: [{ type: 'Available', ...condition, lastTransitionTime }] } },
        signal: of.looking.signal,
      },
      overLoopback(user),
    )
    if (answer.status >= 500) throw new Error(`its status was refused with ${answer.status}`)
  }

  return {
    all: () => now,
    find(group, version) {
      if (now.length === 0 || stored().has(apiVersionOf({ group, version }))) return undefined
      return now.find((each) => each.group === group && each.version === version)
    },
    start(own) {
      if (watch !== undefined || !kinds.all().includes(apiServices)) return
      handle = own
      const { entries, revision } = registry.store.list(prefix)
      for (const entry of entries) put(entry)
      watch = registry.store.watch(prefix, revision, (events) => {
        for (const { type, entry } of events) {
          if (type === 'put') put(entry)
          else drop(entry.key.slice(prefix.length))
        }
      })
    },
    stop() {
      watch?.close()
      for (const name of [...known.keys()]) drop(name)
    },
  }
}

const isTrue = ({ status }: ApiService): boolean =>
  status?.conditions?.some((condition) => condition.type === 'Available' && condition.status === 'True') === true
