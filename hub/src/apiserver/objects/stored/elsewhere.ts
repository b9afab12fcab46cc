import type { KubeObject } from '@bramble/shared/api/client.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import { apiVersionOf, type Kind } from '@bramble/shared/schema/kind.ts'
import { type Elsewhere, storageOf } from '@bramble/shared/schema/storage.ts'
import type { Entry } from '../../../store/store.ts'
import type { StorageCodec } from './storage-codec.ts'

/**
 * Stored objects in a version that somebody else has to turn them into. What comes back is an entry as if it had been stored so, of the same key
 * and revision, and whoever reads it need not wait. What nobody can read stays as it is.
 */
export type ConvertedElsewhere = {
  inVersion(kind: Kind, entries: readonly Entry[]): readonly Entry[] | Promise<readonly Entry[]>
  /** An object as it is to be stored. */
  toStored(kind: Kind, object: KubeObject): KubeObject | Promise<KubeObject>
  /** What lies in the store. */
  originalOf(entry: Entry): Entry
}

/** Of each key and version the newest, so that a list that was just read asks nobody again. */
const keptCount = 4096
const keptText = 8 * 1024 * 1024

type Kept = { readonly kind: Kind; readonly of: Entry; readonly entry: Entry }
type Missing = { readonly entry: Entry; readonly object: KubeObject }

export function createElsewhere(codecOf: (kind: Kind) => StorageCodec): ConvertedElsewhere {
  const kept = new LatestMap<string, Kept>({ count: keptCount, size: keptText, sizeOf: ({ entry }) => entry.value.length })
  // Whoever wants the same meanwhile waits for the same answer: a change that a hundred follow is asked for once.
  const underWay = new WeakMap<Kind, Map<Entry, Promise<Entry>>>()
  const originals = new WeakMap<Entry, Entry>()
  const nameOf = (kind: Kind, { key }: Entry) => `${apiVersionOf(kind)} ${key}`

  const readingOf = (kind: Kind): Map<Entry, Promise<Entry>> => {
    let reading = underWay.get(kind)
    if (reading === undefined) underWay.set(kind, (reading = new Map()))
    return reading
  }

  const ask = async (kind: Kind, missing: readonly Missing[], elsewhere: Elsewhere): Promise<ReadonlyMap<Entry, Entry>> => {
    const codec = codecOf(kind)
    const objects = await elsewhere(
      missing.map(({ object }) => object),
      apiVersionOf(kind),
    )
    const made = new Map<Entry, Entry>()
    for (const [index, { entry }] of missing.entries()) {
      if (isTurnOver()) await nextTurn()
      const object = objects[index]
      const value = object === undefined ? undefined : textOf(codec, entry, object)
      if (value === undefined) continue
      const converted = { ...entry, value }
      made.set(entry, converted)
      originals.set(converted, entry)
      kept.set(nameOf(kind, entry), { kind, of: entry, entry: converted })
    }
    return made
  }

  const converted = async (kind: Kind, entries: readonly Entry[], elsewhere: Elsewhere): Promise<readonly Entry[]> => {
    const codec = codecOf(kind)
    const reading = readingOf(kind)
    const found: (Entry | Promise<Entry>)[] = []
    const missing = new Map<string, Missing[]>()
    for (const entry of entries) {
      if (isTurnOver()) await nextTurn()
      const known = kept.get(nameOf(kind, entry))
      const ready = known?.of === entry && known.kind === kind ? known.entry : reading.get(entry)
      const object = ready === undefined ? codec.toConvert(entry.value) : undefined
      found.push(ready ?? entry)
      if (object === undefined) continue
      const group = missing.get(object.apiVersion)
      if (group === undefined) missing.set(object.apiVersion, [{ entry, object }])
      else group.push({ entry, object })
    }
    for (const group of missing.values()) {
      const answer = ask(kind, group, elsewhere)
      for (const { entry } of group) reading.set(entry, answer.then((made) => made.get(entry) ?? entry)) // prettier-ignore
      const over = () => group.forEach(({ entry }) => reading.delete(entry))
      answer.then(over, over)
    }
    return Promise.all(found.map((entry) => (entry instanceof Promise ? entry : (reading.get(entry) ?? entry))))
  }

  return {
    inVersion: (kind, entries) => (kind.storage?.elsewhere === undefined ? entries : converted(kind, entries, kind.storage.elsewhere)),
    toStored(kind, object) {
      if (kind.storage?.elsewhere === undefined) return object
      const storage = storageOf(kind)
      const apiVersion = apiVersionOf(storage)
      return object.apiVersion === apiVersion ? object : storedBy(kind.storage.elsewhere, object, apiVersion)
    },
    originalOf: (entry) => originals.get(entry) ?? entry,
  }
}

function textOf(codec: StorageCodec, entry: Entry, object: KubeObject): string | undefined {
  try {
    return codec.asConverted(entry.value, object)
  } catch {
    return undefined // it is none of its kind, and read as what is stored
  }
}

async function storedBy(elsewhere: Elsewhere, object: KubeObject, apiVersion: string): Promise<KubeObject> {
  const { resourceVersion: _revision, ...metadata } = object.metadata
  const [stored] = await elsewhere([{ ...object, metadata }], apiVersion)
  if (stored === undefined) throw new Error('as many objects as were asked for')
  return stored
}
