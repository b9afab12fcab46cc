import { join } from 'node:path'
import { readNames, readText } from '../../host/read-sysfs.ts'
import { architectureName, isKnownArchitecture } from '../architecture-name.ts'
import { defineFact } from '../fact.ts'

/**
 * Architectures that run through qemu by binfmt_misc. Only handlers with the flag F work inside containers:
 * the kernel has opened the emulator already, so that it need not be found in the container's files.
 */
export const emulation = defineFact({
  name: 'emulation',
  changes: true,
  read({ proc, processArch }) {
    const folder = join(proc, 'sys/fs/binfmt_misc')
    const names = readNames(folder)
      .filter((name) => name.startsWith('qemu-'))
      .filter((name) => {
        const [state = '', ...lines] = (readText(join(folder, name)) ?? '').split('\n')
        return state === 'enabled' && lines.some((line) => /^flags: .*F/.test(line))
      })
      .map((name) => name.slice('qemu-'.length))
      .filter(isKnownArchitecture)
      .map(architectureName)
      .filter((name) => name !== architectureName(processArch))
    return { emulatedArchitectures: [...new Set(names)].sort() }
  },
})
