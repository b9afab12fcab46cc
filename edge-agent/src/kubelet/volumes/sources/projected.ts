import { configMapSource, downwardPayload, secretSource, type Source } from '../payload.ts'
import { writePayload } from '../payload-writer.ts'
import { mountTmpfs } from '../tmpfs.ts'
import { VolumeProblem, type VolumePlugin } from '../volume-plugin.ts'

export const projected: VolumePlugin = {
  isVolumePlugin: true,
  source: 'projected',
  isLive: true,
  async mount({ pod, volume, dir, objects, node }) {
    const { sources = [], defaultMode = 0o644 } = volume.projected ?? {}
    const parts = sources.flatMap((source): Source[] => {
      const { configMap, secret, downwardAPI } = source
      if (!configMap && !secret && !downwardAPI) {
        const name = Object.keys(source)[0] ?? 'nothing'
        throw new VolumeProblem(`projected source ${name} is not supported: use configMap, secret or downwardAPI`)
      }
      return [
        ...(configMap ? [configMapSource(configMap, objects, defaultMode)] : []),
        ...(secret ? [secretSource(secret, objects, defaultMode)] : []),
        ...(downwardAPI ? [() => downwardPayload(pod, downwardAPI, { node, defaultMode })] : []),
      ]
    })
    await mountTmpfs(dir, { mode: 0o755 })
    await writePayload(dir, parts, pod.spec.securityContext.fsGroup)
    return dir
  },
}
