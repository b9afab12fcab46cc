import { furtherSourcesOf, sourcesToldBy } from '@bramble/shared/kinds/rules/volume-sources.ts'
import { defineSchedulerPlugin } from '../framework.ts'

/** A volume that not every agent mounts is on a node that tells that its agent does. */
export const volumeSources = defineSchedulerPlugin({
  name: 'VolumeSources',
  order: 25,
  unblockedBy: ['node-added', 'node-labels'],
  filter({ pod }) {
    const wanted = furtherSourcesOf(pod.spec.volumes)
    if (wanted.length === 0) return undefined
    return ({ name, node }) => {
      const told = sourcesToldBy(node)
      const missing = wanted.filter((source) => !told.includes(source))
      if (missing.length === 0) return undefined
      return [{ reason: "node(s) did not mount the pod's volumes", detail: `node ${name} mounts no ${missing.join(', ')}` }]
    }
  },
})
