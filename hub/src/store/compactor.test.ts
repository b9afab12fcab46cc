import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { describe, expect, it } from 'vitest'
import { createCompactor } from './compactor.ts'
import { written } from './conformance/bed.ts'
import { memoryLog } from './memory/memory-disk.ts'
import { createStore } from './mvcc.ts'
import { RevisionCompacted } from './store.ts'

describe('the compactor', () => {
  it('compacts the store and ends with its signal', async () => {
    const store = await createStore({ log: memoryLog() })
    const first = await written(store.create('/core/pods/a/x', '1'))
    await written(store.update('/core/pods/a/x', '2', first.revision))
    const stop = new AbortController()
    const running = createCompactor({ store, clock: systemClock, log: silentLog, keepMs: 0, everyMs: 1_000_000 }).run(stop.signal)
    await new Promise((resolve) => setImmediate(resolve))
    expect(() => store.watch('/core/pods/', first.revision, () => {})).toThrow(RevisionCompacted)
    stop.abort()
    await running
  })
})
