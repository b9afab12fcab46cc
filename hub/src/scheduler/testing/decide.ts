import { discover } from '@bramble/shared/discover.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { podOf } from '../../client/test-hub.ts'
import { isSchedulerPlugin, schedule } from '../framework.ts'
import { podInfoOf } from '../pods/pod-info.ts'
import { createClusterCache } from '../snapshot/snapshot.ts'

const plugins = discover(import.meta.glob('../plugins/*.ts', { eager: true }), isSchedulerPlugin)

type NodeOptions = {
  readonly taints?: NonNullable<NonNullable<Node['spec']>['taints']>
  readonly unschedulable?: boolean
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
  readonly allocatable?: Record<string, string>
  readonly ready?: 'True' | 'False' | 'Unknown'
  readonly images?: { names: string[]; sizeBytes: number }[]
}

export const nodeOf = (
  name: string,
  { labels, annotations = {}, allocatable, ready = 'True', images, ...spec }: NodeOptions = {},
): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/arch': 'arm64', ...labels }, annotations },
  spec,
  status: {
    allocatable: { cpu: '4', memory: '1Gi', pods: '10', ...allocatable },
    conditions: [{ type: 'Ready', status: ready }],
    ...(images === undefined ? {} : { images }),
  },
})

export const requesting = (requests: Record<string, string>) =>
  ({ containers: [{ name: 'main', image: 'busybox:1', resources: { requests } }] }) as unknown as Pod['spec'] // the rest has defaults

let serial = 0
export function pod(spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  serial += 1
  return podOf(`pod-${serial}`, spec, { uid: `uid-${serial}`, ...metadata })
}

/** The node that a pod gets, or why it gets none. */
export function decide(
  wanted: Pod,
  nodes: readonly Node[],
  placed: readonly (readonly [Pod, string])[] = [],
  selector?: Record<string, string>,
) {
  const services = selector === undefined ? [] : [{ spec: { selector } } as never] // the selector is all that is read of a Service
  const cache = createClusterCache({ servicesIn: () => services, namespaceLabels: (name) => ({ 'kubernetes.io/metadata.name': name }) })
  for (const node of nodes) cache.putNode(node)
  for (const [pod, node] of placed) cache.putPod(pod, node)
  const decision = schedule(podInfoOf(wanted), cache, plugins, () => 0)
  return decision.type === 'fits' ? decision.node : decision.message
}
