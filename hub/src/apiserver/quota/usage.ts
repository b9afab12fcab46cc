import { type PersistentVolumeClaim, persistentVolumeClaims } from '@bramble/shared/kinds/persistent-volume-claim.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { ownValue, setOwn } from '@bramble/shared/json/own.ts'
import type { Quantities } from '@bramble/shared/kinds/rules/pod-amounts.ts'
import { type Service, services } from '@bramble/shared/kinds/service.ts'
import { parseQuantity, type Quantity } from '@bramble/shared/meta/quantity.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { isOfPods, usageOfPod } from './pod-usage.ts'

const unit = 1_000_000_000n
export const count = (number: number): Quantity => ({ nano: BigInt(number) * unit, format: 'decimal' })

/** `count/pods`, `count/deployments.apps`. */
const objectCount = ({ group, resource }: Kind): string => `count/${resource}${group === '' ? '' : `.${group}`}`

/** Those that had a name in quotas before all objects could be counted. */
const oldCounts = ['configmaps', 'secrets', 'replicationcontrollers', 'resourcequotas']
const isOldCount = ({ group, resource }: Kind) => group === '' && oldCounts.includes(resource)

const ofClass = '.storageclass.storage.k8s.io/'
const ofClaims = ['persistentvolumeclaims', 'requests.storage']
const ofServices = ['services', 'services.nodeports', 'services.loadbalancers']

/** Whether anything is counted of a kind: what is in memory alone cannot be, nothing is written together with it. */
export const isCounted = ({ namespaced, durability }: Kind): boolean => namespaced && durability !== 'memory'

/** Whether objects of the kind are what a name of a quota counts. */
export function isCountedBy(kind: Kind, name: string): boolean {
  if (name === objectCount(kind)) return true
  if (kind === pods) return isOfPods(name)
  if (kind === services) return ofServices.includes(name)
  if (kind === persistentVolumeClaims) return ofClaims.includes(name) || ofClaims.some((one) => name.endsWith(ofClass + one))
  return isOldCount(kind) && name === kind.resource
}

/** Whether there is more to an object than that it is there. */
export const isMeasured = (kind: Kind): boolean => kind === pods || kind === services || kind === persistentVolumeClaims

/** How much there is of what with this object. */
export function usageOf(kind: Kind, object: KubeObject, now: number): Quantities {
  const usage: Quantities = { [objectCount(kind)]: count(1) }
  if (kind === pods) return Object.assign(usage, usageOfPod(object as Pod, now)) // of that kind, as below
  if (kind === services) return Object.assign(usage, usageOfService(object as Service))
  if (kind === persistentVolumeClaims) return Object.assign(usage, usageOfClaim(object as PersistentVolumeClaim))
  if (isOldCount(kind)) usage[kind.resource] = count(1)
  return usage
}

/** Ports that are to come count as those that are there: each is given one with the write. */
function usageOfService({ spec: { type, ports = [], allocateLoadBalancerNodePorts } }: Service): Quantities {
  const isBalanced = type === 'LoadBalancer'
  const nodePorts = isBalanced && allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort = 0 }) => nodePort !== 0) : ports
  return {
    services: count(1),
    'services.nodeports': count(isBalanced || type === 'NodePort' ? nodePorts.length : 0),
    'services.loadbalancers': count(isBalanced ? 1 : 0),
  }
}

function usageOfClaim({ metadata: { annotations }, spec }: PersistentVolumeClaim): Quantities {
  const usage: Quantities = { persistentvolumeclaims: count(1) }
  const storage = ownValue(spec.resources?.requests, 'storage')
  if (storage !== undefined) usage['requests.storage'] = inWholeBytes(parseQuantity(storage))
  const className = ownValue(annotations, 'volume.beta.kubernetes.io/storage-class') ?? spec.storageClassName ?? ''
  if (className !== '') for (const name of ofClaims) setOwn(usage, `${className}${ofClass}${name}`, usage[name] ?? count(0))
  return usage
}

const inWholeBytes = ({ nano, format }: Quantity): Quantity => ({ nano: ((nano + unit - 1n) / unit) * unit, format })
