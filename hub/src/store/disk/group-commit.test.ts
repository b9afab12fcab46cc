import { describe, expect, it } from 'vitest'
import type { DiskBatch, LogDisk } from './disk.ts'
import { groupCommit } from './group-commit.ts'
import type { LogRow, Proposal, RevisionLog } from '../log.ts'
import { createMemoryRows, memoryDisk } from '../memory/memory-disk.ts'

/** A disk whose transactions wait until they are let go, and may be made to fail. */
function heldDisk(rows = createMemoryRows()) {
  const disk = memoryDisk(rows)
  const batches: DiskBatch[] = []
  const underway: { go: (failure?: Error) => void }[] = []
  const held: LogDisk = {
    load: () => disk.load(),
    append(batch) {
      batches.push(batch)
      return new Promise<void>((resolve, reject) =>
        underway.push({ go: (failure) => (failure === undefined ? resolve() : reject(failure)) }),
      ).then(() => disk.append(batch))
    },
    bytesWritten: 0,
    close: () => disk.close(),
  }
  const go = async (failure?: Error) => {
    await turns()
    underway.shift()?.go(failure)
    await turns()
  }
  return { disk: held, batches, go }
}

async function opened(disk: LogDisk): Promise<{ log: RevisionLog; told: LogRow[] }> {
  const log = groupCommit({ disk })
  const loaded = await log.load()
  for await (const _ of loaded.rows);
  const told: LogRow[] = []
  log.tail(loaded.revision(), (rows) => told.push(...rows))
  return { log, told }
}

const put = (key: string, value: string, expected = 0): Proposal => ({ writes: [{ key, value, expected }] })
const turns = async () => {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('group commit', () => {
  it('makes proposals that arrive together one transaction, and those that come meanwhile the next', async () => {
    const { disk, batches, go } = heldDisk()
    const { log, told } = await opened(disk)
    const first = Array.from({ length: 50 }, (_, i) => log.propose(put(`/core/pods/a/${i}`, String(i))))
    await turns()
    const second = ['x', 'y'].map((name) => log.propose(put(`/core/pods/a/${name}`, name)))
    await turns()
    expect(batches.map(({ rows }) => rows.length)).toEqual([50])
    expect(told).toEqual([])
    await go()
    expect(told).toHaveLength(50)
    await go()
    expect(batches.map(({ rows }) => rows.length)).toEqual([50, 2])
    const revisions = (await Promise.all([...first, ...second])).map((decision) => decision.type === 'taken' && decision.revision)
    expect(revisions).toEqual(told.map(({ revision }) => revision))
  })

  it('judges a proposal by the outcome of the one before it on the same key', async () => {
    const { disk, go } = heldDisk()
    const { log } = await opened(disk)
    const failing = log.propose(put('/core/pods/a/x', '1'))
    failing.catch(() => {})
    await turns()
    const waiting = log.propose(put('/core/pods/a/x', '2'))
    const third = log.propose(put('/core/pods/a/x', '3'))
    await go(new Error('no'))
    await expect(failing).rejects.toThrow('no')
    await go()
    const taken = await waiting
    expect(taken.type).toBe('taken')
    expect(await third).toEqual({ type: 'conflict', key: '/core/pods/a/x', revision: taken.revision })
  })

  it('does not let a hold be judged while its key is being written', async () => {
    const { disk, go } = heldDisk()
    const { log } = await opened(disk)
    const made = log.propose(put('/core/namespaces/a', 'active'))
    await go()
    const { revision } = await made
    const ending = log.propose(put('/core/namespaces/a', 'ending', revision))
    const pod = log.propose({ ...put('/core/pods/a/x', '1'), holds: [{ key: '/core/namespaces/a', revision }] })
    await go()
    const ended = await ending
    expect(await pod).toEqual({ type: 'conflict', key: '/core/namespaces/a', revision: ended.revision })
  })

  it('gives the revisions of a failed transaction to the next: a disk that is full for long uses up none', async () => {
    const { disk, go } = heldDisk()
    const { log, told } = await opened(disk)
    for (let i = 0; i < 5; i++) {
      const failing = log.propose(put('/core/pods/a/x', '1'))
      failing.catch(() => {})
      await go(new Error('the disk is full'))
      await expect(failing).rejects.toThrow('the disk is full')
    }
    const taken = log.propose(put('/core/pods/a/x', '1'))
    await go()
    expect([await taken, told]).toMatchObject([{ revision: 1 }, [{ revision: 1 }]])
  })

  it('drops what is forgotten along with writes once it is much, also when the disk was full in between', async () => {
    const { disk, batches, go } = heldDisk()
    const { log } = await opened(disk)
    const drop = Array.from({ length: 600 }, (_, i) => i)
    log.forget({ drop, marks: [{ prefix: '/core/pods/', floor: 600 }] })
    await turns()
    expect(batches).toEqual([])
    const failing = log.propose(put('/core/pods/a/x', '1'))
    failing.catch(() => {})
    await go(new Error('the disk is full'))
    const taken = log.propose(put('/core/pods/a/x', '1'))
    await go()
    await taken
    expect(batches.map(({ drop, marks }) => [drop.length, marks.length])).toEqual([
      [600, 1],
      [600, 1],
    ])
  })

  it('never goes back behind what the first version gave out, or what was forgotten', async () => {
    const rows = createMemoryRows()
    rows.ceiling = 1000
    rows.marks.set('/core/pods/', { prefix: '/core/pods/', floor: 5000 })
    expect((await opened(memoryDisk(rows))).log).toBeDefined()
    const log = groupCommit({ disk: memoryDisk(rows) })
    expect((await log.load()).revision()).toBe(5000)
  })
})
