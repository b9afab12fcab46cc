import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { ChangingKindSet } from '@bramble/shared/schema/kind-set.ts'
import { eachResourceOnce } from '@bramble/shared/schema/served.ts'
import type { Store } from '../store/store.ts'
import { versionInfo } from './discovery/version.ts'
import type { Gauge, Metrics } from './metrics.ts'
import type { Registry } from './objects/registry.ts'
import type { PathRoute } from './routes/route.ts'

type Deps = {
  readonly metrics: Metrics
  readonly registry: Registry
  readonly kinds: Pick<ChangingKindSet, 'all'>
  /** Of others, read whenever the page is. */
  readonly gauges: () => readonly Gauge[]
}

/** `GET /metrics`. */
export const createMetricsPage = ({ metrics, registry, kinds, gauges }: Deps): PathRoute => ({
  at: /^\/metrics$/,
  anyMethodAt: /^/,
  answer: () => pageOf(metrics.render([build, storeRevision(registry.store), storedObjects(registry, kinds), ...gauges()])),
})

const storeRevision = (store: Store): Gauge => ({
  name: 'bramble_store_revision',
  help: 'Newest revision of what is written.',
  value: store.mark().disk,
})

/** By resource, also of those that have none. */
const storedObjects = (registry: Registry, kinds: Pick<ChangingKindSet, 'all'>): Gauge => ({
  name: 'apiserver_storage_objects',
  help: 'Objects that are stored, by resource.',
  by: eachResourceOnce(kinds.all()).map((kind) => {
    const { entries, remaining } = registry.store.list(registry.prefixOf(kind), { limit: 1 })
    const resource = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
    return [{ resource }, entries.length + remaining] as const
  }),
})

const { gitVersion, major, minor, platform } = versionInfo
const build: Gauge = {
  name: 'kubernetes_build_info',
  help: 'The version that is told at /version.',
  by: [[{ git_version: gitVersion, major, minor, platform }, 1]],
}

const pageOf = (raw: string): ApiResponse => ({
  type: 'raw',
  status: 200,
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  raw,
})
