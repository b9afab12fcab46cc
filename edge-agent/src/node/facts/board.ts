import { join } from 'node:path'
import { findBoard } from '@bramble/firmware-images/boards.ts'
import { decodeRevision } from '@bramble/firmware-images/revision-code.ts'
import { readBytes, readText } from '../../host/read-sysfs.ts'
import { architectureName } from '../architecture-name.ts'
import { defineFact } from '../fact.ts'

export const board = defineFact({
  name: 'board',
  read({ proc, machine }) {
    const tree = join(proc, 'device-tree')
    const model = readText(join(tree, 'model'))
    const compatible = (readText(join(tree, 'compatible')) ?? '').split('\0').filter((name) => name !== '')
    const code = readBytes(join(tree, 'system', 'linux,revision'))
    const revision = code?.length === 4 ? decodeRevision(code.readUInt32BE()) : undefined
    const match = findBoard({
      compatible,
      architecture: architectureName(machine),
      ...(model !== undefined && { model }),
      ...(revision && { revision }),
    })
    // "Raspberry Pi 4 Model B Rev 1.4"
    const boardRevision = /\bRev ([\d.]+)$/.exec(model ?? '')?.[1] ?? (revision && `1.${revision.minor}`)
    return { ...(match && { board: match }), ...(boardRevision !== undefined && { boardRevision }) }
  },
})
