import type { ApiService, ApiServiceCondition } from '@bramble/shared/kinds/api-service.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Registry } from '../objects/registry.ts'
import { readableObject } from '../query/selectors.ts'
import { slicesOf } from '../remote/places.ts'
import type { Remote } from '../remote/remote.ts'
import type { Identity } from '../remote/remote-agent.ts'
import { readResources, type RemoteResource } from './resource-list.ts'
import { configOf } from './config-of.ts'
import { identityHeaders } from './identity-headers.ts'

export type Judgement = {
  readonly condition: Pick<ApiServiceCondition, 'status' | 'reason' | 'message'>
  /** What it serves; undefined where that was not told this time. */
  readonly resources: readonly RemoteResource[] | undefined
}

export type JudgeDeps = { readonly registry: Registry; readonly remote: Remote; readonly identity: () => Identity | undefined }

/** As long as Kubernetes waits for it. */
const discoveryMs = 5000
const maxListBytes = 4 * 1024 * 1024
/** Who the hub is when it looks by itself, as in Kubernetes. */
const asker = { name: 'system:kube-aggregator', groups: ['system:masters'] }

/** Whether an APIService answers, with the reasons that Kubernetes gives. */
export async function judge(service: ApiService, deps: JudgeDeps, signal: AbortSignal): Promise<Judgement> {
  const missing = whatIsMissing(service, deps.registry)
  if (missing !== undefined) return { condition: { status: 'False', ...missing }, resources: undefined }
  const { group = '', version = '' } = service.spec
  const path = `/apis/${group}/${version}`
  try {
    const identity = deps.identity()
    const answer = await deps.remote.ask(configOf(service), {
      ...{ method: 'GET', path, timeoutMs: discoveryMs, maxBytes: maxListBytes, signal },
      headers: { accept: 'application/json', ...identityHeaders(asker) },
      ...(identity !== undefined && { identity }),
    })
    if (answer.status < 200 || answer.status > 299) throw new Error(`bad status from ${urlOf(service, path)}: ${answer.status}`)
    return { condition: { status: 'True', reason: 'Passed', message: 'all checks passed' }, resources: readResources(answer.body) }
  } catch (error) {
    signal.throwIfAborted()
    const message = `failing or missing response from ${urlOf(service, path)}: ${messageOf(error)}`
    return { condition: { status: 'False', reason: 'FailedDiscoveryCheck', message }, resources: undefined }
  }
}

const urlOf = ({ spec: { service } }: ApiService, path: string): string =>
  `https://${service?.name ?? ''}.${service?.namespace ?? ''}.svc:${service?.port ?? 443}${path}`

type Missing = { readonly reason: string; readonly message: string }

function whatIsMissing({ spec }: ApiService, registry: Registry): Missing | undefined {
  const { namespace = '', name = '', port = 443 } = spec.service ?? {}
  const called = `service/${name} in ${JSON.stringify(namespace)}`
  const entry = registry.find(services, namespace, name)
  const service = entry && readableObject(registry, services, entry)
  if (service === undefined) return { reason: 'ServiceNotFound', message: `${called} is not present` }
  if (service.spec.type !== undefined && service.spec.type !== 'ClusterIP') return undefined
  const found = service.spec.ports?.find((each) => each.port === port)
  if (found === undefined) return { reason: 'ServicePortError', message: `${called} is not listening on port ${port}` }
  const slices = slicesOf(registry, namespace, name)
  if (slices.length === 0) return { reason: 'EndpointsNotFound', message: `cannot find endpointslices for ${called}` }
  const portName = found.name ?? ''
  const isThere = slices.some(
    ({ endpoints = [], ports = [] }) =>
      ports.some((each) => (each.name ?? '') === portName && each.port !== undefined) &&
      endpoints.some(({ conditions }) => conditions?.ready !== false),
  )
  if (isThere) return undefined
  return { reason: 'MissingEndpoints', message: `endpoints for ${called} have no addresses with port name ${JSON.stringify(portName)}` }
}
