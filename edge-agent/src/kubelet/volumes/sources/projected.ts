import { commonUserOf } from '../common-user.ts'
import { configMapSource, downwardPayload, secretSource, type Source, tokenPayload } from '../payload.ts'
import { writePayload } from '../payload-writer.ts'
import { mountTmpfs } from '../tmpfs.ts'
import { VolumeProblem, type VolumePlugin } from '../volume-plugin.ts'

export const projected: VolumePlugin = {
  isVolumePlugin: true,
  source: 'projected',
  isLive: true,
  tokensOf: ({ volume }) => (volume.projected?.sources ?? []).flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []),
  async mount({ pod, volume, dir, objects, node, tokens }) {
    const { sources = [], defaultMode = 0o644 } = volume.projected ?? {}
    const { fsGroup } = pod.spec.securityContext
    const user = commonUserOf(pod.spec)
    // Who is not root must be able to read it, and nobody else need.
    const tokenMode = user === undefined && fsGroup === undefined ? defaultMode : 0o600
    const parts = sources.flatMap((source): Source[] => {
      const { configMap, secret, downwardAPI, serviceAccountToken } = source
      if (!configMap && !secret && !downwardAPI && !serviceAccountToken) {
        const name = Object.keys(source)[0] ?? 'nothing'
        throw new VolumeProblem(`projected source ${name} is not supported: use configMap, secret, downwardAPI or serviceAccountToken`)
      }
      return [
        ...(configMap ? [configMapSource(configMap, objects, defaultMode)] : []),
        ...(secret ? [secretSource(secret, objects, defaultMode)] : []),
        ...(downwardAPI ? [() => downwardPayload(pod, downwardAPI, { node, defaultMode })] : []),
        ...(serviceAccountToken
          ? [() => tokenPayload(serviceAccountToken.path, tokens.get(serviceAccountToken.path), { mode: tokenMode, user })]
          : []),
      ]
    })
    await mountTmpfs(dir, { mode: 0o755 })
    await writePayload(dir, parts, fsGroup)
    return dir
  },
}
