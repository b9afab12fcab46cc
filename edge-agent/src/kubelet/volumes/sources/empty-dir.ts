import { mkdir, rename } from 'node:fs/promises'
import { valueOf } from '@bramble/shared/meta/quantity.ts'
import { HeldFolder } from '../../../host/held-folder.ts'
import { removeTree } from '../../../host/remove-tree.ts'
import { ownByGroup } from '../fs-group.ts'
import { mountTmpfs } from '../tmpfs.ts'
import type { VolumePlugin } from '../volume-plugin.ts'

const openToAll = 0o777

/** Made once and whole, with its owner and mode: what the pod did to its own folder since is its business. */
export const emptyDir: VolumePlugin = {
  isVolumePlugin: true,
  source: 'emptyDir',
  isLive: false,
  async mount({ pod, volume: { emptyDir }, dir }) {
    const { mode = openToAll, medium, sizeLimit } = emptyDir ?? {}
    const { fsGroup } = pod.spec.securityContext
    if (medium === 'Memory') {
      // After a boot the folder is there still, and the memory is made anew.
      await mountTmpfs(dir, { mode, fsGroup, size: sizeLimit === undefined ? undefined : valueOf(sizeLimit) })
      return dir
    }
    const isThere = await HeldFolder.open(dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (isThere) await isThere.close()
    else await makeFolder(dir, { mode, fsGroup })
    return dir
  },
}

/** Under another name until it is all that it must be: the power may go in between. */
async function makeFolder(dir: string, { mode, fsGroup }: { readonly mode: number; readonly fsGroup: number | undefined }): Promise<void> {
  const unfinished = `${dir}.new` // no volume is called so
  await removeTree(unfinished)
  await mkdir(unfinished, { recursive: true })
  await using folder = await HeldFolder.open(unfinished)
  await folder.chmod(mode)
  await ownByGroup(unfinished, fsGroup)
  await rename(unfinished, dir)
}
