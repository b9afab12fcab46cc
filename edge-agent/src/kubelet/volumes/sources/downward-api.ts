import { downwardPayload } from '../payload.ts'
import { writePayload } from '../payload-writer.ts'
import type { VolumePlugin } from '../volume-plugin.ts'

export const downwardAPI: VolumePlugin = {
  isVolumePlugin: true,
  source: 'downwardAPI',
  isLive: true,
  async mount({ pod, volume: { downwardAPI }, dir, node }) {
    const payload = downwardPayload(pod, downwardAPI ?? {}, { node, defaultMode: downwardAPI?.defaultMode ?? 0o644 })
    await writePayload(dir, [() => payload], pod.spec.securityContext.fsGroup)
    return dir
  },
}
