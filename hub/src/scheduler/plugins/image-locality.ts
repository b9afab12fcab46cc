import { defineSchedulerPlugin } from '../framework.ts'
import { canonicalImage, imagesOf } from '../image-platforms.ts'

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
    of({ pod }, { node }) {
      const present = node.status?.images ?? []
      let bytes = 0
      for (const image of imagesOf(pod)) {
        const name = canonicalImage(image)
        bytes += Number(present.find(({ names }) => names?.some((each) => canonicalImage(each) === name))?.sizeBytes ?? 0)
      }
      return (Math.min(Math.max(bytes - smallBytes, 0), largeBytes - smallBytes) / (largeBytes - smallBytes)) * 100
    },
  },
})
