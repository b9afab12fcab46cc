import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Write } from './log.ts'
import { bytesOf, mebi } from './quota.ts'
import { bucketOf, type BoundOf, type WriteResult } from './store.ts'
import type { View } from './view/view.ts'

/**
 * Changes that are never written: decided and seen at once, in a row of revisions of their own. What may be kept of a resource has a
 * bound; where its objects die anyway the oldest make room, else new ones are refused.
 */
export class MemoryRow {
  readonly #view: View
  readonly #boundOf: BoundOf

  constructor(view: View, boundOf: BoundOf) {
    this.#view = view
    this.#boundOf = boundOf
  }

  write({ key, value, expected }: Write): WriteResult {
    const current = this.#view.get(key)
    if ((current?.revision ?? 0) !== expected) return { type: 'conflict', key, current }
    if (value !== null) this.#check(key, bytesOf(key, value) - (current === undefined ? 0 : bytesOf(key, current.value)), expected === 0)
    const revision = this.#view.revisions.memory + 1
    const createRevision = current?.createRevision ?? revision
    this.#view.apply('memory', [{ revision, key, createRevision, value }])
    const entry = this.#view.entryAt(key, revision) ?? { key, value: value ?? '', createRevision, revision }
    if (value !== null) this.#makeRoom(key)
    return { type: 'written', entry }
  }

  #check(key: string, growth: number, isNew: boolean): void {
    const prefix = bucketOf(key) ?? key
    const bound = this.#boundOf(prefix)
    if (bound?.whenFull !== 'refuse' || growth <= 0) return
    const { size, liveBytes } = this.#view.extentOf(key)
    if (liveBytes + growth <= bound.bytes && size < bound.count + (isNew ? 0 : 1)) return
    const most = `${bound.count} objects or ${mebi(bound.bytes)}`
    throw new ApiError('InsufficientStorage', `${prefix} is kept in memory only and has ${most}: delete what is not needed`)
  }

  #makeRoom(key: string): void {
    const bound = this.#boundOf(bucketOf(key) ?? key)
    if (bound?.whenFull !== 'oldest-go') return
    for (;;) {
      const { size, liveBytes, oldest } = this.#view.extentOf(key)
      if (oldest === undefined || (size <= bound.count && liveBytes <= bound.bytes)) return
      this.write({ key: oldest.key, value: null, expected: oldest.revision })
    }
  }
}
