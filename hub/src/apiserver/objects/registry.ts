import { alreadyExists, ApiError } from '@bramble/shared/api/api-error.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { isLargerThan, maxObjectBytes } from '@bramble/shared/api/object-size.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import type { Also, Entry, Hold, Store } from '../../store/store.ts'
import { claimWrites } from './claims.ts'
import { LostRace } from './lost-race.ts'
import { createParsed } from './parsed.ts'
import { type StorageCodec, storageCodec } from './storage-codec.ts'

/** Objects in the store: their keys, their text, and their parsed form, which is shared and frozen. */
export type Registry = {
  readonly store: Store
  keyOf(kind: Kind, namespace: string | undefined, name: string): string
  prefixOf(kind: Kind, namespace?: string): string
  find(kind: Kind, namespace: string | undefined, name: string): Entry | undefined
  /** The object's JSON in the kind's version, with its resourceVersion. Throws for what cannot be read. */
  textOf(kind: Kind, entry: Entry): string
  /** Whether this hub knows what it is stored as. */
  isOfKind(kind: Kind, entry: Entry): boolean
  /** The object in the kind's version, frozen: copy it before changing it. Throws for what cannot be read. */
  objectOf<T extends KubeObject>(kind: Kind<T>, entry: Entry): T
  /** Whether whoever is shown the kind through this registry sees no difference but the revision; of a view of part of an object. */
  readonly looksSame?: (kind: Kind, before: Entry, after: Entry) => boolean
  /** Whether writing this object over the entry would change nothing, the version that it is stored in included. */
  isSame(kind: Kind, entry: Entry, object: KubeObject): boolean
  /** Throws `LostRace` if what must hold does not any more, or if what the object wants for itself was taken in the meantime. */
  create(kind: Kind, object: KubeObject, holds?: readonly Hold[]): Promise<Entry>
  /** Undefined: the entry, or what the object wants for itself, changed in the meantime; read again. */
  update(kind: Kind, object: KubeObject, expected: Entry, options?: UpdateOptions): Promise<Entry | undefined>
  remove(kind: Kind, expected: Entry): Promise<Entry | undefined>
}

/** `isLeaving`: a step towards the object's end, for which there is always room. */
export type UpdateOptions = Pick<Also, 'isLeaving'>

/** The scope of the kind's objects in the store, of one namespace or of all. */
export function prefixOf(kind: Kind, namespace?: string): string {
  const root = `/${kind.group === '' ? 'core' : kind.group}/${kind.resource}/`
  return kind.namespaced && namespace !== undefined && namespace !== '' ? `${root}${namespace}/` : root
}

export function createRegistry({ store }: { readonly store: Store }): Registry {
  const codecs = new WeakMap<Kind, StorageCodec>()
  const codecOf = (kind: Kind): StorageCodec => {
    let codec = codecs.get(kind)
    if (codec === undefined) codecs.set(kind, (codec = storageCodec(kind)))
    return codec
  }
  const keyOf = (kind: Kind, namespace: string | undefined, name: string) => prefixOf(kind, namespace) + name
  const parsed = createParsed()
  const claiming = (kind: Kind, key: string, object: KubeObject | undefined): Also | undefined => {
    const writes = claimWrites(store, kind, { key, object })
    return writes.length === 0 ? undefined : { writes }
  }

  const objectOf = <T extends KubeObject>(kind: Kind<T>, entry: Entry): T =>
    parsed.objectOf(kind, entry, () => readOf(kind, entry, () => codecOf(kind).objectOf(entry.value, entry.revision))) as T // of one kind are objects of one type
  const textOf = (kind: Kind, entry: Entry) =>
    readOf(kind, entry, () => codecOf(kind).textOf(entry.value, entry.revision)) ?? exactJson(objectOf(kind, entry))

  return {
    store,
    keyOf,
    prefixOf,
    find: (kind, namespace, name) => store.get(keyOf(kind, namespace, name)),
    textOf,
    isOfKind: (kind, { value }) => codecOf(kind).isKnown(value),
    objectOf,
    isSame: (kind, entry, object) => codecOf(kind).isCurrent(entry.value) && isSameJson(asStored(objectOf(kind, entry)), asStored(object)),
    async create(kind, object, holds) {
      const { name, namespace } = object.metadata
      const key = keyOf(kind, namespace, name)
      const result = await store.create(key, storable(codecOf(kind).encode(object)), {
        ...claiming(kind, key, object),
        ...(holds !== undefined && { holds }),
      })
      if (result.type === 'written') return result.entry
      if (result.key === key) throw alreadyExists(kind, name)
      throw new LostRace(result.key)
    },
    async update(kind, object, { key, revision }, options) {
      const text = storable(codecOf(kind).encode(object))
      const result = await store.update(key, text, revision, { ...options, ...claiming(kind, key, object) })
      return result.type === 'written' ? result.entry : undefined
    },
    async remove(kind, expected) {
      const result = await store.delete(expected.key, expected.revision, claiming(kind, expected.key, undefined))
      return result.type === 'written' ? result.entry : undefined
    },
  }
}

/** What lies there in a version that nobody knows any more is not lost: whoever asks for it hears why it is not shown. */
function readOf<R>(kind: Kind, { key }: Entry, read: () => R): R {
  try {
    return read()
  } catch (cause) {
    const name = key.slice(key.lastIndexOf('/') + 1)
    throw new ApiError(
      'InternalError',
      `${kind.resource} ${JSON.stringify(name)} cannot be read: ${messageOf(cause)}`,
      { name, group: kind.group, kind: kind.resource },
      { cause },
    )
  }
}

function storable(text: string): string {
  if (isLargerThan(text, maxObjectBytes))
    throw new ApiError('RequestEntityTooLarge', `Request entity too large: the object would be stored as more than ${maxObjectBytes} bytes`)
  return text
}

/** Without what reading adds and what every object of the kind has. */
const asStored = ({
  kind: _kind,
  apiVersion: _apiVersion,
  metadata: { resourceVersion: _revision, ...metadata },
  ...rest
}: KubeObject) => ({
  metadata,
  ...rest,
})
