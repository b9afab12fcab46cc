import { defineSchedulerPlugin } from '../framework.ts'
import { canonicalImage, imagesOf } from '../snapshot/image-platforms.ts'

/** Kubernetes' bounds: below 23 MiB a pull hardly counts, a gigabyte counts in full. */
const smallBytes = 23 * 2 ** 20
const largeBytes = 1000 * 2 ** 20

/** Likes a node that has the images already: a pull over a slow link is what makes a pod's start long. */
export const imageLocality = defineSchedulerPlugin({
  name: 'ImageLocality',
  order: 103,
  score: {
    weight: 1,
    scale: 'percent',
    of({ pod }, snapshot) {
      // Two names of an image are asked for twice and count twice, as its containers do.
      const held = imagesOf(pod).flatMap((image) => snapshot.holdersOf(canonicalImage(image)) ?? [])
      if (held.length === 0) return undefined
      return ({ name }) => {
        let bytes = 0
        for (const holders of held) bytes += holders.get(name) ?? 0
        return (Math.min(Math.max(bytes - smallBytes, 0), largeBytes - smallBytes) / (largeBytes - smallBytes)) * 100
      }
    },
  },
})
