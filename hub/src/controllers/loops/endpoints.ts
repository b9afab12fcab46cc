import { isApiError } from '@bramble/shared/api/api-error.ts'
import { keyOf, keyTextOf, parseKey } from '@bramble/shared/api/object-key.ts'
import { endpoints } from '@bramble/shared/kinds/endpoints.ts'
import type { Endpoints } from '@bramble/shared/kinds/endpoints.ts'
import { byNamespace } from '../../client/lister.ts'
import { defineController } from '../controller.ts'
import { isHeadless, managesEndpoints } from '../endpoints/backends.ts'
import { subsetsOf } from '../endpoints/subsets.ts'
import { watchServices } from '../endpoints/watch-services.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'

const managedByLabel = 'endpoints.kubernetes.io/managed-by'
const manager = 'endpoint-controller'
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity'

/** The older form of a Service's endpoints, which scripts and dashboards still read. */
export const endpointsController = defineController({
  name: 'endpoints',
  account: 'endpoint-controller',
  setUp(scope) {
    const { client, queue, watch } = scope
    const { services, pods, nodeOf } = watchServices(scope)
    const lister = watch(endpoints, {
      onAdd: (each) => queue.add(keyTextOf(each)),
      onUpdate: (each) => queue.add(keyTextOf(each)),
      onDelete: (each) => queue.add(keyTextOf(each)),
    })

    return async (key, signal) => {
      const { namespace, name } = parseKey(key)
      const service = services.get(namespace, name)
      const seen = lister.get(namespace, name)
      if (service === undefined) {
        if (seen?.metadata.labels?.[managedByLabel] !== manager) return
        await client.delete(endpoints, keyOf(seen), { signal }).catch((error: unknown) => {
          if (!isApiError(error, 'NotFound')) throw error
        })
        return
      }
      if (!managesEndpoints(service) || service.metadata.deletionTimestamp !== undefined) return
      const { subsets, isTruncated } = subsetsOf(service, pods.by(byNamespace, namespace ?? ''), nodeOf)
      const { [overCapacityAnnotation]: _, ...kept } = seen?.metadata.annotations ?? {}
      const annotations = isTruncated ? { ...kept, [overCapacityAnnotation]: 'truncated' } : kept
      const labels = {
        ...service.metadata.labels,
        [managedByLabel]: manager,
        ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
      }
      const wanted: Endpoints = {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { ...(seen?.metadata ?? keyOf(service)), labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
        ...(subsets.length === 0 ? {} : { subsets: [...subsets] }),
      }
      if (seen === undefined) await client.create(endpoints, wanted, { signal })
      else if (!isEqual(seen, wanted)) await client.update(endpoints, wanted, { signal })
    }
  },
})

const isEqual = (a: Endpoints, b: Endpoints) =>
  isSameJson(a.subsets ?? [], b.subsets ?? []) &&
  isSameJson(a.metadata.labels ?? {}, b.metadata.labels ?? {}) &&
  isSameJson(a.metadata.annotations ?? {}, b.metadata.annotations ?? {})
