import type { Entry } from '../../store/store.ts'

/** Entries that stand together, in key order, from `first` on; what was made of them is kept with them (`made`). */
export type Segment<M> = { readonly first: string; readonly entries: readonly Entry[]; made: M | undefined }

const usual = 64
const most = 2 * usual

/**
 * Cuts a list where it was cut before, so that a change of an entry, or one more, changes one segment: all others are those of before, with what was
 * made of them.
 */
export function segmentsOf<M>(entries: readonly Entry[], before: readonly Segment<M>[]): readonly Segment<M>[] {
  const all: Segment<M>[] = []
  let at = 0
  for (let index = 0; at < entries.length; index += 1) {
    const known = before[index]
    const next = before[index + 1]?.first
    const here = entriesBefore(next, entries, at)
    at += here.length
    const last = all.at(-1)
    if (known !== undefined && isSame(known.entries, here)) all.push(known)
    else if (last !== undefined && last.entries.length + here.length <= usual / 2)
      all[all.length - 1] = { first: last.first, entries: [...last.entries, ...here], made: undefined }
    else all.push(...cut<M>(here, all.length === 0 ? undefined : known?.first))
  }
  return all
}

function entriesBefore(key: string | undefined, entries: readonly Entry[], from: number): readonly Entry[] {
  if (key === undefined) return entries.slice(from)
  let end = from
  for (let entry = entries[end]; entry !== undefined && entry.key < key; entry = entries[end]) end += 1
  return entries.slice(from, end)
}

function cut<M>(entries: readonly Entry[], first: string | undefined): readonly Segment<M>[] {
  const size = entries.length > most ? usual : most
  const cuts = Array.from({ length: Math.ceil(entries.length / size) }, (_, index) => entries.slice(index * size, (index + 1) * size))
  return cuts.map((part, index) => ({ first: (index === 0 ? first : undefined) ?? (part[0] as Entry).key, entries: part, made: undefined }))
}

const isSame = (a: readonly Entry[], b: readonly Entry[]): boolean => a.length === b.length && a.every((entry, index) => entry === b[index])
