import { configMapSource } from '../payload.ts'
import { writePayload } from '../payload-writer.ts'
import type { VolumePlugin } from '../volume-plugin.ts'

export const configMap: VolumePlugin = {
  isVolumePlugin: true,
  source: 'configMap',
  isLive: true,
  async mount({ pod, volume, dir, objects }) {
    const source = volume.configMap
    const sources = [configMapSource(source ?? {}, objects, source?.defaultMode ?? 0o644)]
    await writePayload(dir, sources, pod.spec.securityContext.fsGroup)
    return dir
  },
}
