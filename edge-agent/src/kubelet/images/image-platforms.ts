import type { Cri } from '../../cri/cri.ts'

// What fits into an annotation and still says all a board runs.
const maxImages = 50

/** Answers image name → platforms; each image's configuration is read once. */
export function createImagePlatforms(cri: Cri): () => Promise<Readonly<Record<string, readonly string[]>>> {
  const known = new Map<string, string>()
  return async () => {
    const images = await cri.listImages()
    const ids = new Set(images.map(({ id }) => id))
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id)
    const platforms: Record<string, string[]> = {}
    for (const { id, repoTags } of images) {
      if (repoTags.length === 0) continue
      const platform = known.get(id) ?? (await cri.imageInfo(id))?.platform
      if (platform === undefined) continue
      known.set(id, platform)
      for (const name of repoTags) platforms[name] = [platform]
    }
    return Object.fromEntries(Object.entries(platforms).slice(0, maxImages))
  }
}
