import { pods } from '@bramble/shared/kinds/pod.ts'
import { keyTextOf } from '@bramble/shared/api/object-key.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import { byNamespace, byNode } from '../../client/lister.ts'
import type { ControllerScope } from '../controller.ts'
import { objectsOf } from '../refusals.ts'
import { addressFacts, type NodeOf } from './own-address.ts'
import { endpointFacts, isSelected, managesEndpoints } from './backends.ts'

/** Queues every Service whose own fields, or whose pods and their nodes as far as endpoints are made from them, have changed. */
export function watchServices({ queue, watch, tellAbout }: ControllerScope) {
  const lister = watch(services, {
    onAdd: (service) => queue.add(keyTextOf(service)),
    onUpdate: (service) => queue.add(keyTextOf(service)),
    onDelete: (service) => queue.add(keyTextOf(service)),
  })
  tellAbout(objectsOf(services, lister))
  const onPod = (pod: Pod) => {
    for (const service of lister.by(byNamespace, pod.metadata.namespace ?? ''))
      if (managesEndpoints(service) && isSelected(service, pod)) queue.add(keyTextOf(service))
  }
  const podLister = watch(pods, {
    onAdd: onPod,
    onUpdate(pod, previous) {
      if (endpointFacts(pod) === endpointFacts(previous)) return
      onPod(previous)
      onPod(pod)
    },
    onDelete: onPod,
  })
  const onNode = ({ metadata }: Node) => {
    for (const pod of podLister.by(byNode, metadata.name)) onPod(pod)
  }
  const nodeLister = watch(nodes, {
    onAdd: onNode,
    onUpdate(node, previous) {
      if (addressFacts(node) !== addressFacts(previous)) onNode(node)
    },
    onDelete: onNode,
  })
  const nodeOf: NodeOf = (name) => nodeLister.get(undefined, name)
  return { services: lister, pods: podLister, nodeOf }
}
