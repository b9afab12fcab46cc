import { memoryInfo } from '../../host/memory-info.ts'
import { defineFact } from '../fact.ts'

export const swap = defineFact({
  name: 'swap',
  read({ proc }) {
    const swapBytes = memoryInfo(proc)('SwapTotal')
    return swapBytes === undefined ? {} : { swapBytes }
  },
})
