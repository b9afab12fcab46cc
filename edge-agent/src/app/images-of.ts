import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Cri } from '../cri/cri.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import type { NodeImage } from '../node/node-object.ts'
import type { Runtime } from './runtime-of.ts'

type ImagesDeps = { readonly cri: Cri; readonly kubelet: Kubelet; readonly runtime: Runtime; readonly log: Log }

/** The images of this node. What the runtime has is noted for the day on which it has forgotten it. */
export async function imagesOf({ cri, kubelet, runtime, log }: ImagesDeps): Promise<readonly NodeImage[]> {
  const [images, platforms] = await Promise.all([cri.listImages(), kubelet.imagePlatforms()])
  const named = images.map(({ id, size, repoTags, repoDigests }) => ({ id, size, repoTags, names: [...repoTags, ...repoDigests] }))
  try {
    runtime.noteImages?.(named.map(({ id, names }) => ({ id, names })))
  } catch (error) {
    log.debug({ error: messageOf(error) }, 'images could not be noted') // a disk that is full: what is noted is a little old
  }
  return named.map(({ names, repoTags, size }) => {
    const known = repoTags.map((name) => platforms[name]).find((found) => found !== undefined)
    return { names, sizeBytes: Number(size), ...(known !== undefined && { platforms: known }) }
  })
}
