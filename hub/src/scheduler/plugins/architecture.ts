import { defineSchedulerPlugin } from '../framework.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { canonicalImage, imagesOf } from '../snapshot/image-platforms.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/**
 * An image goes only where its architecture runs, natively or by emulation, once any node has told what the image was built for.
 * An image nobody has seen yet refuses no node. A native node is liked better than an emulating one.
 */
export const architecture = defineSchedulerPlugin({
  name: 'Architecture',
  order: 60,
  unblockedBy: ['node-added', 'node-labels', 'node-images'],
  filter({ pod }, snapshot) {
    const images = builtFor(pod, snapshot)
    if (images.length === 0) return undefined
    return ({ runnable }) => {
      if (runnable.size === 0) return undefined
      for (const { name, architectures } of images) {
        if (architectures.some((each) => runnable.has(each))) continue
        return [{ reason: `image ${name} is built for ${architectures.join(', ')}, node is ${[...runnable].join(', emulating ')}` }]
      }
      return undefined
    }
  },
  score: {
    weight: 3,
    scale: 'percent',
    of({ pod }, snapshot) {
      const images = builtFor(pod, snapshot)
      if (images.length === 0) return undefined
      return ({ nativeArchitecture: native }) =>
        images.every(({ architectures }) => native !== undefined && architectures.includes(native)) ? 100 : 0
    },
  },
})

/** The images of a pod of which anybody has told, with what they are built for. */
const builtFor = (pod: Pod, { architecturesOf }: Snapshot) =>
  imagesOf(pod).flatMap((image) => {
    const name = canonicalImage(image)
    const architectures = [...(architecturesOf(name) ?? [])].sort()
    return architectures.length === 0 ? [] : [{ name, architectures }]
  })
