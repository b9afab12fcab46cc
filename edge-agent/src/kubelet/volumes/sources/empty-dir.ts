import { mkdir } from 'node:fs/promises'
import { valueOf } from '@bramble/shared/meta/quantity.ts'
import { HeldFolder } from '../../../host/held-folder.ts'
import { ownByGroup } from '../fs-group.ts'
import { mountTmpfs } from '../tmpfs.ts'
import type { VolumePlugin } from '../volume-plugin.ts'

export const emptyDir: VolumePlugin = {
  isVolumePlugin: true,
  source: 'emptyDir',
  isLive: false,
  async mount({ pod, volume: { emptyDir }, dir }) {
    const isNew = (await mkdir(dir, { recursive: true })) !== undefined
    if (emptyDir?.medium === 'Memory') {
      const size = emptyDir.sizeLimit === undefined ? undefined : valueOf(emptyDir.sizeLimit)
      await mountTmpfs(dir, { mode: 0o777, size })
    }
    // Only once: what the pod did to its own folder since is its business.
    if (isNew) {
      await using folder = await HeldFolder.open(dir)
      await folder.chmod(emptyDir?.mode ?? 0o777)
      await ownByGroup(dir, pod.spec.securityContext.fsGroup)
    }
    return dir
  },
}
