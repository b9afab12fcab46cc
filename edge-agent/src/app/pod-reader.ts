import type { ReadPod } from '../static-pods/manifest-folder.ts'
import type * as reader from '../static-pods/read-pod.ts'

/** Reads manifests by a bundle that is loaded for the first of them. */
export const podReaderIn =
  (bundle: URL): ReadPod =>
  async (text) => {
    const { readPod } = (await import(bundle.href)) as typeof reader // it is bundled from that
    return readPod(text)
  }
