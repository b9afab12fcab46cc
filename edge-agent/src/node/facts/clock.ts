import { join } from 'node:path'
import { readNames } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

// Nothing of ours was running before this was written; a clock that says so has not been set yet.
const earliest = Date.parse('2026-01-01T00:00:00Z')

/** Whether the time can be believed, and whether it survives a power cut. */
export const clock = defineFact({
  name: 'clock',
  changes: true,
  read: ({ sys, now }) => ({ hasRtc: readNames(join(sys, 'class/rtc')).length > 0, clockIsSane: now() >= earliest }),
})
