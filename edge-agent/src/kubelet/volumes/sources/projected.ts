import { configMapPayload, downwardPayload, type Payload, type PayloadFile, secretPayload } from '../payload.ts'
import { writePayload } from '../payload-writer.ts'
import { mountTmpfs } from '../tmpfs.ts'
import { VolumeProblem, type VolumePlugin } from '../volume-plugin.ts'

export const projected: VolumePlugin = {
  isVolumePlugin: true,
  source: 'projected',
  isLive: true,
  async mount({ pod, volume, dir, objects, node }) {
    const { sources = [], defaultMode = 0o644 } = volume.projected ?? {}
    const payload = new Map<string, PayloadFile>()
    for (const source of sources) {
      const parts: Payload[] = []
      if (source.configMap) parts.push(configMapPayload(source.configMap, objects, defaultMode))
      if (source.secret) parts.push(secretPayload(source.secret, objects, defaultMode))
      if (source.downwardAPI) parts.push(downwardPayload(pod, source.downwardAPI, { node, defaultMode }))
      if (parts.length === 0) {
        const name = Object.keys(source)[0] ?? 'nothing'
        throw new VolumeProblem(`projected source ${name} is not supported: use configMap, secret or downwardAPI`)
      }
      for (const part of parts) for (const [path, file] of part) payload.set(path, file)
    }
    await mountTmpfs(dir, { mode: 0o755 })
    await writePayload(dir, payload, pod.spec.securityContext.fsGroup)
    return dir
  },
}
