import { isApiError } from '@bramble/shared/api-error.ts'
import { endpointSlices } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import { byNamespace } from '../../client/lister.ts'
import type { IndexBy } from '../../client/lister.ts'
import { defineController, objectKey, splitKey } from '../controller.ts'
import { managesEndpoints } from '../endpoints/backends.ts'
import { managedByLabel, manager, planSlices, serviceNameLabel } from '../endpoints/slices.ts'
import { watchServices } from '../endpoints/watch-services.ts'
import { Expectations } from '../expectations.ts'

/** Lists the pods behind each Service that has a selector, in slices that node proxies watch. */
export const endpointSlice = defineController({
  name: 'endpointslice',
  workers: 5,
  setUp(scope) {
    const { client, clock, queue, watch } = scope
    const expectations = new Expectations(() => clock.monotonic())
    const { services, pods } = watchServices(scope)
    const onSlice = (slice: EndpointSlice) => {
      for (const key of byService(slice)) queue.add(key)
    }
    const slices = watch(endpointSlices, {
      onAdd(slice) {
        for (const key of byService(slice)) expectations.observe(key, slice.metadata.name)
        onSlice(slice)
      },
      onUpdate(slice, previous) {
        onSlice(previous)
        onSlice(slice)
      },
      onDelete: onSlice,
    })

    return async (key, signal) => {
      const { namespace, name } = splitKey(key)
      const service = services.get(namespace, name)
      // The slices of a Service that is gone go with it: it owns them.
      if (service === undefined) return expectations.forget(key)
      if (!managesEndpoints(service) || service.metadata.deletionTimestamp !== undefined || !expectations.areMet(key)) return
      const seen = slices.by(byService, key).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      const { create, update, remove } = planSlices(service, pods.by(byNamespace, namespace ?? ''), seen, Math.random)
      for (const slice of create) {
        expectations.expect(key, slice.metadata.name)
        try {
          await client.create(endpointSlices, slice, { signal })
        } catch (error) {
          expectations.observe(key, slice.metadata.name)
          throw error
        }
      }
      for (const slice of update) await client.update(endpointSlices, slice, { signal })
      for (const slice of remove) {
        await client.delete(endpointSlices, objectKey(slice), { signal }).catch((error: unknown) => {
          if (!isApiError(error, 'NotFound')) throw error
        })
      }
    }
  },
})

/** Slices of other makers are theirs. */
const byService: IndexBy<EndpointSlice> = ({ metadata: { namespace, labels } }) => {
  const service = labels?.[serviceNameLabel]
  return service === undefined || labels?.[managedByLabel] !== manager ? [] : [`${namespace ?? ''}/${service}`]
}
