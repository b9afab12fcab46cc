import { isApiError } from '@bramble/shared/api/api-error.ts'
import { keyOf, keyTextOf, parseKey } from '@bramble/shared/api/object-key.ts'
import { endpointSlices } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import { byNamespace } from '../../client/lister.ts'
import type { IndexBy } from '../../client/lister.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { defineController } from '../controller.ts'
import { managesEndpoints, refusedBackends } from '../endpoints/backends.ts'
import { managedByLabel, manager, planSlices, serviceNameLabel } from '../endpoints/slices.ts'
import { watchServices } from '../endpoints/watch-services.ts'
import { Expectations } from '../expectations.ts'

/** Lists the pods behind each Service that has a selector, in slices that node proxies watch. */
export const endpointSlice = defineController({
  name: 'endpointslice',
  account: 'endpointslice-controller',
  workers: 5,
  setUp(scope) {
    const { client, clock, log, queue, recorder, watch } = scope
    const expectations = new Expectations(() => clock.monotonic())
    const { services, pods, nodeOf } = watchServices(scope)
    const told = new WeakSet<Pod>()
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

    /** Once for each state of a pod. */
    const tellOfRefused = (service: Service, candidates: readonly Pod[]) => {
      for (const { pod, why } of refusedBackends(service, candidates, nodeOf)) {
        if (told.has(pod)) continue
        told.add(pod)
        recorder.record(pod, 'Warning', 'EndpointRefused', `not behind Service ${service.metadata.name}: ${why}`)
        log.warn({ pod: keyTextOf(pod), why }, 'an address is no endpoint')
      }
    }

    return async (key, signal) => {
      const { namespace, name } = parseKey(key)
      const service = services.get(namespace, name)
      // The slices of a Service that is gone go with it: it owns them.
      if (service === undefined) return expectations.forget(key)
      if (!managesEndpoints(service) || service.metadata.deletionTimestamp !== undefined || !expectations.areMet(key)) return
      const seen = slices.by(byService, key).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      const candidates = pods.by(byNamespace, namespace ?? '')
      tellOfRefused(service, candidates)
      const { create, update, remove } = planSlices(service, candidates, seen, Math.random, nodeOf)
      // One slice that is refused must not keep the others from following their pods.
      const failures: unknown[] = []
      const attempt = (write: Promise<unknown>) => write.catch((error: unknown) => void failures.push(error))
      for (const slice of create) {
        expectations.expect(key, slice.metadata.name)
        await attempt(
          client.create(endpointSlices, slice, { signal }).catch((error: unknown) => {
            expectations.observe(key, slice.metadata.name)
            throw error
          }),
        )
      }
      for (const slice of update) await attempt(client.update(endpointSlices, slice, { signal }))
      for (const slice of remove) {
        await attempt(
          client.delete(endpointSlices, keyOf(slice), { signal }).catch((error: unknown) => {
            if (!isApiError(error, 'NotFound')) throw error
          }),
        )
      }
      if (failures.length > 0) throw failures[0]
    }
  },
})

/** Slices of other makers are theirs. */
const byService: IndexBy<EndpointSlice> = ({ metadata: { namespace, labels } }) => {
  const service = labels?.[serviceNameLabel]
  return service === undefined || labels?.[managedByLabel] !== manager ? [] : [`${namespace ?? ''}/${service}`]
}
