import { isApiError } from '@bramble/shared/api/api-error.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { type ServiceCIDR, serviceCidrs } from '@bramble/shared/kinds/service-cidr.ts'
import { findCondition } from '@bramble/shared/meta/conditions.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { defineController } from '../controller.ts'
import { objectsOf } from '../refusals.ts'

const name = 'kubernetes'

/** The network that Services get their addresses of, as an object that says so. It is the hub's own: what is done to it changes no address. */
export const serviceCidr = defineController({
  name: 'service-cidr',
  account: 'service-cidrs-controller',
  workers: 1,
  setUp({ client, clock, queue, watch, tellAbout, config, recorder }) {
    const onChange = ({ metadata }: ServiceCIDR) => {
      if (metadata.name === name) queue.add(name)
    }
    const lister = watch(serviceCidrs, { onAdd: onChange, onUpdate: onChange, onDelete: onChange })
    const cidrs = [config.serviceCidr]
    /** Of which one it was told that it says otherwise: its networks never change. */
    let toldOf: string | undefined
    queue.add(name)

    tellAbout(objectsOf(serviceCidrs, lister))
    return async (_key, signal) => {
      const seen = lister.get(undefined, name) ?? (await made(signal))
      if (seen === undefined || seen.metadata.deletionTimestamp !== undefined) return
      if (!isSameJson(seen.spec?.cidrs, cidrs)) {
        const message = `The default ServiceCIDR [${(seen.spec?.cidrs ?? []).join(' ')}] does not match the controller flag configurations [${cidrs.join(' ')}]`
        if (toldOf !== seen.metadata.uid) recorder.record(seen, 'Warning', 'KubernetesDefaultServiceCIDRInconsistent', message)
        toldOf = seen.metadata.uid
        return
      }
      if ((findCondition(seen.status?.conditions, 'Ready')?.status ?? 'Unknown') !== 'Unknown') return
      const condition = {
        ...{ type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready' },
        lastTransitionTime: formatTime(new Date(clock.now())),
      }
      const body = { metadata: { uid: seen.metadata.uid }, status: { conditions: [condition] } }
      await client.patch(
        serviceCidrs,
        { name },
        { type: 'application/strategic-merge-patch+json', body },
        { signal, subresource: 'status' },
      )
    }

    /** Undefined: somebody else has made it, and it will be heard of. */
    async function made(signal: AbortSignal): Promise<ServiceCIDR | undefined> {
      const wanted: ServiceCIDR = { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs } }
      try {
        return await client.create(serviceCidrs, wanted, { signal })
      } catch (error) {
        if (isApiError(error, 'AlreadyExists')) return undefined
        throw error
      }
    }
  },
})
