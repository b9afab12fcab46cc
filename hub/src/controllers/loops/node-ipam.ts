import { nodes } from '@bramble/shared/kinds/node.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import { defineController } from '../controller.ts'
import { createPodCidrs } from '../nodes/pod-cidrs.ts'
import { objectsOf } from '../refusals.ts'

/** Gives each node its block of pod addresses, which no other node has. */
export const nodeIpam = defineController({
  name: 'node-ipam',
  account: 'node-controller',
  // One at a time: two nodes must not be offered the same block.
  workers: 1,
  setUp({ client, queue, recorder, log, watch, tellAbout, config }) {
    const cidrs = createPodCidrs(config.clusterCidr)
    // Given by us and perhaps not yet seen in the watch.
    const given = new Map<string, string | undefined>()
    const waiting = new Set<string>()
    const onNode = (node: Node) => {
      const { name } = node.metadata
      if (podCidrsOf(node).length === 0) return queue.add(name)
      given.delete(name)
      cidrs.put(name, podCidrsOf(node))
    }
    const lister = watch(nodes, {
      onAdd: onNode,
      onUpdate: onNode,
      onDelete({ metadata }) {
        given.delete(metadata.name)
        cidrs.remove(metadata.name)
        waiting.delete(metadata.name)
        for (const name of waiting) queue.add(name)
      },
    })

    tellAbout(objectsOf(nodes, lister))
    return async (name, signal) => {
      const node = lister.get(undefined, name)
      if (node === undefined || podCidrsOf(node).length > 0) return
      if (given.has(name) && given.get(name) === node.metadata.uid) return
      const podCIDR = cidrs.next()
      if (podCIDR === undefined) {
        const message = `node ${name} gets no pod addresses: all ${cidrs.capacity} blocks of ${config.clusterCidr} are taken; remove a node or give the hub a larger cluster CIDR`
        if (!waiting.has(name)) log.warn({ node: name, clusterCidr: config.clusterCidr }, 'pod addresses exhausted')
        waiting.add(name)
        return recorder.record(node, 'Warning', 'CIDRNotAvailable', message)
      }
      given.set(name, node.metadata.uid)
      cidrs.put(name, [podCIDR])
      const body = { metadata: { uid: node.metadata.uid }, spec: { podCIDR, podCIDRs: [podCIDR] } }
      try {
        await client.patch(nodes, { name }, { type: 'application/merge-patch+json', body }, { signal })
      } catch (error) {
        given.delete(name)
        cidrs.remove(name)
        throw error
      }
      waiting.delete(name)
      log.info({ node: name, podCIDR }, 'pod addresses given')
    }
  },
})

const podCidrsOf = ({ spec }: Node): readonly string[] => [
  ...new Set([...(spec?.podCIDRs ?? []), ...(spec?.podCIDR === undefined || spec.podCIDR === '' ? [] : [spec.podCIDR])]),
]
