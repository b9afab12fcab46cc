import { expect, it } from 'vitest'
import { type Bed, written } from './bed.ts'

/** Writes that wait for the disk are bounded. */
export function boundsWhatWaits(bed: Bed): void {
  it('refuses more writes than may wait', async () => {
    await bed.open({ maxWaiting: 2 })
    bed.log.hold()
    const writes = [1, 2].map((n) => bed.store.create(`/core/pods/a/${n}`, '1'))
    await expect(bed.store.create('/core/pods/a/3', '1')).rejects.toMatchObject({ reason: 'TooManyRequests' })
    bed.log.release()
    await Promise.all(writes.map(written))
  })

  it('refuses more bytes of writes than may wait, and takes short ones beside them', async () => {
    await bed.open({ maxWaitingBytes: 25_000 })
    bed.log.hold()
    const large = (name: string) => bed.store.create(`/core/pods/a/${name}`, 'x'.repeat(10_000))
    const writes = [large('1'), large('2')]
    await expect(large('3')).rejects.toMatchObject({ reason: 'TooManyRequests' })
    for (let index = 0; index < 10; index++) writes.push(bed.store.create(`/core/pods/a/short-${index}`, 'x'.repeat(1000)))
    bed.log.release()
    await Promise.all(writes.map(written))
    await Promise.all([large('3'), large('4')].map(written))
  })
}
