import { realpathSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { readNames, readText } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

/** The disk pods write to: its size, and of what kind it is, since an SD card wears out and is slow to sync. */
export const storage = defineFact({
  name: 'storage',
  read({ dataDir, proc, sys }) {
    const { blocks, bsize } = statfsSync(dataDir)
    const kind = kindOf(dataDir, proc, sys)
    return { ephemeralStorageBytes: blocks * bsize, ...(kind !== undefined && { storage: kind }) }
  },
})

function kindOf(dataDir: string, proc: string, sys: string): string | undefined {
  const device = deviceOf(dataDir, readText(join(proc, 'self/mountinfo')) ?? '')
  if (device === undefined) return undefined
  const disk = diskOf(device, sys)
  if (disk === undefined) return undefined
  if (disk.startsWith('nvme')) return 'nvme'
  if (disk.startsWith('mmcblk')) return readText(join(sys, 'block', disk, 'device/type')) === 'SD' ? 'sd' : 'emmc'
  if (disk.startsWith('vd') || disk.startsWith('loop')) return 'virtual'
  return linkOf(join(sys, 'block', disk)).includes('/usb') ? 'usb' : 'disk'
}

/** The device of the longest mount point that holds the folder; `8:1` style numbers lead to its name. */
function deviceOf(folder: string, mountinfo: string): string | undefined {
  const mounts = mountinfo.split('\n').map((line) => line.split(' '))
  const holding = mounts.filter(([, , , , point = '']) => point === '/' || folder === point || folder.startsWith(`${point}/`))
  return holding.sort((a, b) => (b[4]?.length ?? 0) - (a[4]?.length ?? 0))[0]?.[2]
}

/** The whole disk that a device number belongs to: of a partition, its parent. */
function diskOf(device: string, sys: string): string | undefined {
  for (const disk of readNames(join(sys, 'block'))) {
    if (readText(join(sys, 'block', disk, 'dev')) === device) return disk
    const partition = readNames(join(sys, 'block', disk)).find((name) => readText(join(sys, 'block', disk, name, 'dev')) === device)
    if (partition !== undefined) return disk
  }
  return undefined
}

const linkOf = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path // a tree for tests has plain folders here
  }
}
