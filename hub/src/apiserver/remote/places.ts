import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import { endpointSlices } from '@bramble/shared/kinds/endpoint-slice.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import type { Registry } from '../objects/registry.ts'
import { readableObject } from '../query/selectors.ts'
import type { ServicePort } from './target.ts'

/** Where a connection may go. `pod`: on a node, which can be asked to connect. */
export type Place = { readonly host: string; readonly port: number; readonly pod?: { readonly node: string; readonly uid: string } }

const serviceLabel = 'kubernetes.io/service-name'

/** The addresses behind a port of a Service that take traffic now. Throws where there are none. */
export function placesOf(registry: Registry, { namespace, name, port }: ServicePort): readonly Place[] {
  const entry = registry.find(services, namespace, name)
  const service = entry && readableObject(registry, services, entry)
  if (service === undefined) throw new Error(`service ${JSON.stringify(name)} not found`)
  if (service.spec.type === 'ExternalName') return [{ host: service.spec.externalName ?? '', port }]
  const found = service.spec.ports?.find((each) => each.port === port)
  if (found === undefined) throw new Error(`no service port ${port} found for service ${JSON.stringify(name)}`)
  const places = slicesOf(registry, namespace, name).flatMap((slice) => readyPlaces(slice, found.name ?? ''))
  if (places.length === 0) throw new Error(`no endpoints available for service ${JSON.stringify(name)}`)
  return places
}

export const slicesOf = (registry: Registry, namespace: string, name: string): readonly EndpointSlice[] =>
  registry.store.list(registry.prefixOf(endpointSlices, namespace)).entries.flatMap((entry) => {
    const slice = readableObject(registry, endpointSlices, entry)
    return slice?.metadata.labels?.[serviceLabel] === name ? [slice] : []
  })

function readyPlaces({ endpoints = [], ports = [] }: EndpointSlice, portName: string): readonly Place[] {
  const port = ports.find(({ name = '', protocol = 'TCP' }) => name === portName && protocol === 'TCP')?.port
  if (port === undefined) return []
  return endpoints.flatMap(({ addresses: [host], conditions, nodeName, targetRef }) => {
    if (host === undefined || conditions?.ready === false) return []
    const uid = targetRef?.kind === 'Pod' ? targetRef.uid : undefined
    return [{ host, port, ...(nodeName !== undefined && uid !== undefined && { pod: { node: nodeName, uid } }) }]
  })
}
