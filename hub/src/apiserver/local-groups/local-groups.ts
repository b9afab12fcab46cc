import type { ApiResponse, Handler, Method } from '@bramble/shared/api/api-request.ts'
import { pathOf } from '@bramble/shared/api/path.ts'
import { errorOf } from '@bramble/shared/api/rest-client.ts'
import { type ApiService, apiServices } from '@bramble/shared/kinds/api-service.ts'
import type { KindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { hubParts, overLoopback } from '../authz/hub-parts.ts'
import type { Routes } from '../routes/routes.ts'
import { readableObject } from '../query/selectors.ts'
import type { Registry } from '../objects/registry.ts'

const label = 'kube-aggregator.kubernetes.io/automanaged'

/** As Kubernetes orders its own groups for clients; all others come after them. */
const priorities: ReadonlyMap<string, number> = new Map([
  ...([
    ['', 18_000],
    ['apps', 17_800],
    ['events.k8s.io', 17_750],
    ['authentication.k8s.io', 17_700],
  ] as const),
  ...([
    ['authorization.k8s.io', 17_600],
    ['autoscaling', 17_500],
    ['batch', 17_400],
    ['certificates.k8s.io', 17_300],
  ] as const),
  ...([
    ['networking.k8s.io', 17_200],
    ['policy', 17_100],
    ['rbac.authorization.k8s.io', 17_000],
    ['storage.k8s.io', 16_800],
  ] as const),
  ...([
    ['admissionregistration.k8s.io', 16_700],
    ['apiextensions.k8s.io', 16_700],
    ['scheduling.k8s.io', 16_600],
  ] as const),
  ...([
    ['coordination.k8s.io', 16_500],
    ['node.k8s.io', 16_300],
    ['discovery.k8s.io', 16_200],
  ] as const),
])

export type LocalGroupsDeps = {
  readonly handle: Handler
  readonly registry: Registry
  readonly kinds: KindSet
  readonly routes: Pick<Routes, 'all'>
  readonly log: Log
}

/**
 * Keeps an APIService for each group and version that the hub itself answers for, while kinds come and go. One that somebody made for another
 * server is never touched. Returns how to make them the first time, and how to stop.
 */
export function keepLocalGroups({ handle, registry, kinds, routes, log }: LocalGroupsDeps) {
  let isStopped = false
  let last: Promise<void> = Promise.resolve()
  /** One after the other: each looks at what is served when it is its turn. */
  const sync = (): Promise<void> => (last = last.catch(() => {}).then(() => (isStopped ? undefined : syncOnce())))

  async function syncOnce(): Promise<void> {
    if (!kinds.all().includes(apiServices)) return
    const wanted = wantedOf(routes)
    const { entries } = registry.store.list(registry.prefixOf(apiServices))
    const seen = new Map(entries.map((entry) => [nameIn(entry.key), readableObject(registry, apiServices, entry)]))
    const isOurs = (object: ApiService | undefined) => object?.metadata.labels?.[label] !== undefined && object.spec.service === undefined
    // All at once, so that they are written together.
    await Promise.all([
      ...[...wanted.values()].filter(({ metadata }) => !seen.has(metadata.name)).map((body) => ask('POST', pathOf(apiServices, {}), body)),
      ...[...seen]
        .filter(([name, object]) => !wanted.has(name) && isOurs(object))
        .map(([name]) => ask('DELETE', pathOf(apiServices, { name }))),
    ])
  }

  async function ask(method: Method, path: string, body?: ApiService): Promise<void> {
    const { user, manager } = hubParts.apiserver
    const { signal } = new AbortController()
    const request = { method, path, query: new URLSearchParams(), headers: { 'user-agent': manager }, signal, ...(body && { body }) }
    throwUnlessSettled(await handle(request, overLoopback(user)))
  }

  const stopListening = kinds.onChange(() => {
    sync().catch((error: unknown) => log.warn({ error }, 'the APIServices of the groups of this hub could not be kept'))
  })
  return {
    make: sync,
    stop() {
      isStopped = true
      stopListening()
    },
  }
}

/** Another hub on the same store may have been faster. */
function throwUnlessSettled(answer: ApiResponse): void {
  if (answer.status < 400 || answer.type !== 'object') return
  const error = errorOf(answer.object)
  if (error.reason !== 'AlreadyExists' && error.reason !== 'NotFound') throw error
}

const nameIn = (key: string): string => key.slice(key.lastIndexOf('/') + 1)

function wantedOf(routes: Pick<Routes, 'all'>): ReadonlyMap<string, ApiService> {
  const wanted = new Map<string, ApiService>()
  for (const { group, version } of routes.all()) {
    const name = `${version}.${group}`
    if (!wanted.has(name)) wanted.set(name, localService(name, { group, version }))
  }
  return wanted
}

function localService(name: string, { group, version }: { readonly group: string; readonly version: string }): ApiService {
  const priority = priorities.get(group)
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, labels: { [label]: priority === undefined ? 'true' : 'onstart' } },
    spec: {
      ...(group !== '' && { group }),
      version,
      groupPriorityMinimum: priority ?? 1000,
      versionPriority: priority === undefined ? 100 : versionPriorityOf(version),
    },
  }
}

/** Of two stable ones the newer; beta and alpha after them. */
function versionPriorityOf(version: string): number {
  if (version.includes('alpha')) return 1
  if (version.includes('beta')) return 9
  return version === 'v1' ? 15 : 30
}
