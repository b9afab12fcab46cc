import { notFound } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { negotiate } from '../answers/negotiate.ts'
import type { Asked } from '../call.ts'
import { readableObject, scopeOf, selectionOf, selects } from '../query/selectors.ts'
import type { Usage } from './usages.ts'

export type MetricsOf<T extends KubeObject> = {
  readonly kind: Kind<T>
  readonly named: 'NodeMetrics' | 'PodMetrics'
  /** Whose node knows. */
  readonly nodeOf: (object: T) => string | undefined
  /** What that says of it; undefined: nothing. */
  readonly measured: (object: T, usage: Usage) => object | undefined
}

const apiVersion = 'metrics.k8s.io/v1beta1'

/** Lists the objects that are wanted, or finds the one, and tells of each what its node says now. */
export async function metricsOf<T extends KubeObject>(of: MetricsOf<T>, { api, info, request }: Asked): Promise<ApiResponse> {
  const { registry } = api
  const { kind } = of
  negotiate(request.headers['accept'], 'plain')
  const isOne = info.verb === 'get'
  const objects = (isOne ? [registry.find(kind, info.namespace, info.name ?? '')] : selected(of, { api, info, request })).flatMap(
    (entry) => (entry && readableObject(registry, kind, entry)) ?? [],
  )
  const nodes = [...new Set(objects.flatMap((object) => of.nodeOf(object) ?? []))]
  const usages = await api.usages.ofNodes(nodes, request.signal)
  const items = objects.flatMap((object) => {
    const usage = usages.get(of.nodeOf(object) ?? '')
    const measured = usage && of.measured(object, usage)
    return usage === undefined || measured === undefined ? [] : [itemOf(of, object, { usage, measured })]
  })
  if (!isOne) return { type: 'object', status: 200, object: { kind: `${of.named}List`, apiVersion, metadata: {}, items } }
  const [item] = items
  if (item !== undefined) return { type: 'object', status: 200, object: item }
  const name = kind.namespaced ? `${info.namespace ?? ''}/${info.name ?? ''}` : (info.name ?? '')
  throw notFound({ group: 'metrics.k8s.io', resource: of.named.toLowerCase(), kind: of.named }, name)
}

function selected<T extends KubeObject>(
  { kind }: MetricsOf<T>,
  { api: { registry }, info, request }: Pick<Asked, 'api' | 'info' | 'request'>,
) {
  const selection = selectionOf(kind, request.query)
  const { entries } = registry.store.list(scopeOf(registry, kind, info.namespace, selection))
  return entries.filter((entry) => selects(registry, kind, selection, entry))
}

type Told = { readonly usage: Usage; readonly measured: object }

function itemOf<T extends KubeObject>({ named }: MetricsOf<T>, { metadata }: T, { usage, measured }: Told) {
  const { name, namespace, labels } = metadata
  const at = formatTime(usage.at)
  return {
    ...{ kind: named, apiVersion },
    metadata: { name, ...(namespace !== undefined && { namespace }), creationTimestamp: at, ...(labels !== undefined && { labels }) },
    ...{ timestamp: at, window: `${(usage.windowMs / 1000).toFixed(3).replace(/\.?0+$/, '')}s`, ...measured },
  }
}

export const amounts = ({ cpuNanoCores, memoryBytes }: Usage['node']) => ({
  cpu: cpuNanoCores === 0 ? '0' : `${Math.round(cpuNanoCores)}n`,
  memory: `${Math.floor(memoryBytes / 1024)}Ki`,
})
