import { secretSource } from '../payload.ts'
import { writePayload } from '../payload-writer.ts'
import { mountTmpfs } from '../tmpfs.ts'
import type { VolumePlugin } from '../volume-plugin.ts'

export const secret: VolumePlugin = {
  isVolumePlugin: true,
  source: 'secret',
  isLive: true,
  async mount({ pod, volume, dir, objects }) {
    const { secretName, items, optional, defaultMode = 0o644 } = volume.secret ?? {}
    const source = secretSource({ name: secretName, items, optional }, objects, defaultMode)
    await mountTmpfs(dir, { mode: 0o755 }) // a secret never reaches the card
    await writePayload(dir, [source], pod.spec.securityContext.fsGroup)
    return dir
  },
}
