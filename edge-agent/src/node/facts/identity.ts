import { join } from 'node:path'
import { readBootId } from '../../host/boot-id.ts'
import { readText } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

/** Three ids: of this start, of this installation, and of the hardware (the board's serial number where there is no firmware UUID). */
export const identity = defineFact({
  name: 'identity',
  read({ proc, sys, etc }) {
    const bootId = readBootId(proc)
    const machineId = readText(join(etc, 'machine-id')) || undefined
    const systemUuid = readText(join(sys, 'class/dmi/id/product_uuid')) || readText(join(proc, 'device-tree/serial-number')) || machineId
    return {
      ...(bootId !== undefined && { bootId }),
      ...(machineId !== undefined && { machineId }),
      ...(systemUuid !== undefined && { systemUuid }),
    }
  },
})
