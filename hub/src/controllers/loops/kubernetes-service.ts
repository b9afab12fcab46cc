import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import { endpointSlices } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import { endpoints } from '@bramble/shared/kinds/endpoints.ts'
import type { Endpoints } from '@bramble/shared/kinds/endpoints.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { addressAt, checkNonSpecialIp, expectCidr, isIpv4 } from '@bramble/shared/meta/ip.ts'
import { defineController } from '../controller.ts'
import type { ControllerConfig } from '../controller.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'

const name = 'kubernetes'
const namespace = 'default'
/** A router may give this machine its address after we have started, or another one at any time, and no object tells of it. */
const lookMs = 10_000

/** The way from inside the cluster to this hub: the Service default/kubernetes and the addresses behind it. */
export const kubernetesService = defineController({
  name: 'kubernetes-service',
  account: 'kubernetes-service-controller',
  workers: 1,
  setUp({ client, queue, watch, config }) {
    const onChange = ({ metadata }: KubeObject) => {
      if (metadata.name === name && metadata.namespace === namespace) queue.add(name)
    }
    const handlers = { onAdd: onChange, onUpdate: onChange, onDelete: onChange }
    const seenServices = watch(services, handlers)
    const seenSlices = watch(endpointSlices, handlers)
    const seenEndpoints = watch(endpoints, handlers)
    queue.add(name)

    /** Creates what is missing and corrects what differs in the given fields. */
    async function ensure<T extends KubeObject>(resource: Resource<T>, seen: T | undefined, wanted: T, signal: AbortSignal): Promise<void> {
      if (seen === undefined) {
        await client.create(resource, wanted, { signal }).catch((error: unknown) => {
          if (!isApiError(error, 'AlreadyExists')) throw error
        })
        return
      }
      const { metadata: _seen, ...now } = seen
      const { metadata: _wanted, ...then } = wanted
      if (isSameJson(now, { ...now, ...then })) return
      await client.update(resource, { ...seen, ...then }, { signal })
    }

    return async (_key, signal) => {
      queue.addAfter(name, lookMs)
      const service = serviceOf(config)
      const seen = seenServices.get(namespace, name)
      if (seen?.metadata.deletionTimestamp !== undefined) return
      // The API fills in much of a Service's spec; once it is there only its endpoints follow the configuration.
      if (seen === undefined) await ensure(services, seen, service, signal)
      const [slice, old] = [seenSlices.get(namespace, name), seenEndpoints.get(namespace, name)]
      // A link that is down for a moment takes the way to the hub from nobody.
      if (reachable(config).length === 0 && slice !== undefined && old !== undefined) return
      await ensure(endpointSlices, slice, sliceOf(config), signal)
      await ensure(endpoints, old, endpointsOf(config), signal)
    }
  },
})

const serviceOf = ({ serviceCidr, hubPort }: ControllerConfig): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    clusterIP: addressAt(expectCidr(serviceCidr), 1),
    ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: hubPort }],
  },
})

/** The API refuses addresses that mean another machine on each machine. */
const reachable = ({ hubAddresses }: ControllerConfig) =>
  hubAddresses().filter((address) => isIpv4(address) && checkNonSpecialIp(address).length === 0)

const sliceOf = (config: ControllerConfig): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
  addressType: 'IPv4',
  endpoints: reachable(config).map((address) => ({ addresses: [address], conditions: { ready: true } })),
  ports: [{ name: 'https', protocol: 'TCP', port: config.hubPort }],
})

const endpointsOf = (config: ControllerConfig): Endpoints => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name, namespace, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
  ...(reachable(config).length === 0
    ? {}
    : {
        subsets: [
          { addresses: reachable(config).map((ip) => ({ ip })), ports: [{ name: 'https', port: config.hubPort, protocol: 'TCP' }] },
        ],
      }),
})
