import { defineSchedulerPlugin } from '../framework.ts'
import { architectureOf, canonicalImage, imagesOf, runnableArchitectures } from '../image-platforms.ts'

/**
 * An image goes only where its architecture runs, natively or by emulation, once any node has told what the image was built for.
 * An image nobody has seen yet refuses no node. A native node is liked better than an emulating one.
 */
export const architecture = defineSchedulerPlugin({
  name: 'Architecture',
  order: 60,
  unblockedBy: ['node-added', 'node-labels', 'node-images'],
  filter({ pod }, { node }, { imagePlatforms }) {
    const runnable = runnableArchitectures(node)
    if (runnable.size === 0) return undefined
    for (const image of imagesOf(pod)) {
      const name = canonicalImage(image)
      const architectures = [...new Set([...(imagePlatforms().get(name) ?? [])].map(architectureOf))].sort()
      if (architectures.length === 0 || architectures.some((each) => runnable.has(each))) continue
      return [{ reason: `image ${name} is built for ${architectures.join(', ')}, node is ${[...runnable].join(', emulating ')}` }]
    }
    return undefined
  },
  score: {
    weight: 3,
    scale: 'percent',
    of({ pod }, { node }, { imagePlatforms }) {
      const native = node.metadata.labels?.['kubernetes.io/arch'] ?? node.status?.nodeInfo?.architecture
      const isNative = imagesOf(pod).every((image) => {
        const platforms = imagePlatforms().get(canonicalImage(image))
        return platforms === undefined || [...platforms].some((platform) => architectureOf(platform) === native)
      })
      return isNative ? 100 : 0
    },
  },
})
