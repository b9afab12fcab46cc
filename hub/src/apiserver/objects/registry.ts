import { alreadyExists, ApiError } from '@bramble/shared/api/api-error.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { isLargerThan, maxObjectBytes } from '@bramble/shared/api/object-size.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { storageGroupOf } from '@bramble/shared/schema/storage.ts'
import type { Also, Entry, Store } from '../../store/store.ts'
import { claimWrites } from './claims/claims.ts'
import { LostRace } from './claims/lost-race.ts'
import { withOwners } from '../ownership/with-owners.ts'
import type { QuotaDesk } from '../quota/desk.ts'
import type { Origin } from './origin.ts'
import { createElsewhere } from './stored/elsewhere.ts'
import { createParsed } from './stored/parsed.ts'
import { type StorageCodec, storageCodec } from './stored/storage-codec.ts'

/** Objects in the store: their keys, their text, and their parsed form, which is shared and frozen. */
export type Registry = {
  readonly store: Store
  keyOf(kind: Kind, namespace: string | undefined, name: string): string
  prefixOf(kind: Kind, namespace?: string): string
  find(kind: Kind, namespace: string | undefined, name: string): Entry | undefined
  /**
   * The entries as they are read in the kind's version, for every verb before it reads them: of some kinds a webhook has to be asked, of others they
   * are the same. Throws what is to be told if it cannot be had.
   */
  allInVersion(kind: Kind, entries: readonly Entry[]): readonly Entry[] | Promise<readonly Entry[]>
  inVersion(kind: Kind, entry: Entry): Entry | Promise<Entry>
  /** The object's JSON in the kind's version, with its resourceVersion. Throws for what cannot be read. */
  textOf(kind: Kind, entry: Entry): string
  /** The same for who only copies it out. */
  partsOf(kind: Kind, entry: Entry): readonly string[]
  /** Who owns its fields (`ownership/owners.ts`); it stands in the text and not in `objectOf`. */
  ownersOf(kind: Kind, entry: Entry): string | undefined
  /** The text without that. */
  bareTextOf(kind: Kind, entry: Entry): string
  /** Whether this hub knows what it is stored as. */
  isOfKind(kind: Kind, entry: Entry): boolean
  /** Whether `textOf` answers, even if that takes a conversion. */
  hasText(kind: Kind, entry: Entry): boolean
  /** The object in the kind's version, frozen: copy it before changing it. Throws for what cannot be read. */
  objectOf<T extends KubeObject>(kind: Kind<T>, entry: Entry): T
  /** Whether whoever is shown the kind through this registry sees no difference but the revision; of a view of part of an object. */
  readonly looksSame?: (kind: Kind, before: Entry, after: Entry) => boolean
  /** Whether writing this object over the entry would change nothing but who owns its fields, the version that it is stored in included. */
  isSame(kind: Kind, entry: Entry, object: KubeObject): boolean
  /** Throws `LostRace` if what must hold does not any more, or if what the object wants for itself was taken in the meantime. */
  create(change: Creation): Promise<Entry>
  /** Undefined: the entry, what must hold, or what the object wants for itself, changed in the meantime; read again. */
  update(change: Update): Promise<Entry | undefined>
  remove(change: Removal): Promise<Entry | undefined>
}

/** Nothing is written without saying who writes it. What is only tried never comes so far. */
export type Creation = Made & { readonly object: KubeObject; readonly owners: string | undefined } & Pick<Also, 'holds'>
/** `isLeaving`: a step towards the object's end, for which there is always room. `owners`: if others own its fields than before. */
export type Update = Made & { readonly object: KubeObject; readonly expected: Entry } & Pick<Also, 'holds' | 'isLeaving'> & {
    readonly owners?: { readonly text: string | undefined }
  }
export type Removal = Made & { readonly expected: Entry }
type Made = { readonly kind: Kind; readonly origin: Origin }

/** A change that has been written. `entry` has its revision. */
export type Committed = Made & { readonly entry: Entry }

/** The scope of the kind's objects in the store, of one namespace or of all. */
export function prefixOf(kind: Kind, namespace?: string): string {
  const group = storageGroupOf(kind)
  const root = `/${group === '' ? 'core' : group}/${kind.resource}/`
  return kind.namespaced && namespace !== undefined && namespace !== '' ? `${root}${namespace}/` : root
}

export type RegistryDeps = {
  readonly store: Store
  /** Hears of every change that was made through this registry, with who made it. */
  readonly onCommitted?: (change: Committed) => void
  /** What quotas count is written through it. */
  readonly desk?: QuotaDesk
}

export function createRegistry({ store, onCommitted = () => {}, desk }: RegistryDeps): Registry {
  const codecs = new WeakMap<Kind, StorageCodec>()
  const codecOf = (kind: Kind): StorageCodec => {
    let codec = codecs.get(kind)
    if (codec === undefined) codecs.set(kind, (codec = storageCodec(kind)))
    return codec
  }
  const elsewhere = createElsewhere(codecOf)
  const keyOf = (kind: Kind, namespace: string | undefined, name: string) => prefixOf(kind, namespace) + name
  const parsed = createParsed()
  const claiming = (kind: Kind, key: string, object: KubeObject | undefined, expected?: Entry): Also | undefined => {
    if (kind.claims === undefined) return undefined
    const writes = claimWrites(store, kind, { key, object, ...(expected !== undefined && { before: objectOf(kind, expected) }) })
    return writes.length === 0 ? undefined : { writes }
  }

  // Nobody reads a text that is served as it lies there, so one that a failing disk has changed shows when it is first parsed.
  const broken = new WeakSet<Entry>()
  /** What is being written now, by its key: whoever hears of it reads what its writer had, and not the text of that. */
  const writing = new Map<string, { readonly kind: Kind; readonly text: string; readonly object: KubeObject }>()
  const parse = (kind: Kind, entry: Entry): KubeObject => {
    const own = writing.get(entry.key)
    const written = own?.kind === kind && own.text === entry.value ? codecOf(kind).asRead(own.object, entry.revision) : undefined
    if (written !== undefined) return written
    try {
      return codecOf(kind).objectOf(entry.value, entry.revision)
    } catch (error) {
      if (error instanceof SyntaxError) broken.add(entry)
      throw error
    }
  }
  const objectOf = <T extends KubeObject>(kind: Kind<T>, entry: Entry): T =>
    parsed.objectOf(kind, entry, () => readOf(kind, entry, () => parse(kind, entry))) as T // of one kind are objects of one type
  const ownersOf = (kind: Kind, entry: Entry) => readOf(kind, entry, () => codecOf(kind).ownersOf(entry.value))
  /** Without parsing anything; undefined where it takes the object to tell. */
  const asStored = (kind: Kind, entry: Entry) => (broken.has(entry) ? undefined : codecOf(kind).partsOf(entry.value, entry.revision))
  const partsOf = (kind: Kind, entry: Entry) =>
    readOf(kind, entry, () => asStored(kind, entry)) ?? [exactJson(withOwners(objectOf<KubeObject>(kind, entry), ownersOf(kind, entry)))]
  const bareAsStored = (kind: Kind, entry: Entry) =>
    broken.has(entry) ? undefined : codecOf(kind).barePartsOf(entry.value, entry.revision)
  const bareTextOf = (kind: Kind, entry: Entry) =>
    readOf(kind, entry, () => bareAsStored(kind, entry))?.join('') ?? exactJson(objectOf(kind, entry))

  /** As it was, for who counts it; nothing of what cannot be read. */
  const asItWas = (kind: Kind, entry: Entry): KubeObject | undefined => {
    try {
      return objectOf<KubeObject>(kind, entry)
    } catch {
      return undefined
    }
  }

  const committed = (kind: Kind, origin: Origin, entry: Entry): Entry => {
    onCommitted({ kind, origin, entry })
    return entry
  }

  return {
    store,
    keyOf,
    prefixOf,
    find: (kind, namespace, name) => store.get(keyOf(kind, namespace, name)),
    allInVersion: (kind, entries) => elsewhere.inVersion(kind, entries),
    inVersion(kind, entry) {
      if (kind.storage?.elsewhere === undefined) return entry
      const found = elsewhere.inVersion(kind, [entry])
      return found instanceof Promise ? found.then(([seen = entry]) => seen) : (found[0] ?? entry)
    },
    textOf: (kind, entry) => partsOf(kind, entry).join(''),
    partsOf,
    ownersOf,
    bareTextOf,
    isOfKind: (kind, entry) => !broken.has(entry) && codecOf(kind).isKnown(entry.value),
    hasText(kind, entry) {
      try {
        if (broken.has(entry) || !codecOf(kind).isText(entry.value)) objectOf(kind, entry)
        return true
      } catch {
        return false
      }
    },
    objectOf,
    isSame: (kind, entry, object) =>
      codecOf(kind).isCurrent(elsewhere.originalOf(entry).value) && isSameJson(inStore(objectOf(kind, entry)), inStore(object)),
    async create({ kind, origin, object, owners, holds }) {
      const { name, namespace } = object.metadata
      const key = keyOf(kind, namespace, name)
      const made = elsewhere.toStored(kind, object)
      const text = stored(codecOf(kind), made instanceof Promise ? await made : made, owners, origin)
      const also = () => ({ ...claiming(kind, key, object), ...(holds !== undefined && { holds }) })
      const plan = () => ({ value: text, expected: 0, also: also() })
      const result = await (desk?.write({ kind, key, origin, after: object, plan }) ?? store.create(key, text, also()))
      if (result.type === 'written') return committed(kind, origin, result.entry)
      if (result.key === key) throw alreadyExists(kind, name)
      throw new LostRace(result.key)
    },
    async update({ kind, origin, object, owners, expected, holds, isLeaving }) {
      const { key, revision } = expected
      const made = elsewhere.toStored(kind, object)
      const next = made instanceof Promise ? await made : made
      const text = stored(codecOf(kind), next, owners === undefined ? ownersOf(kind, expected) : owners.text, origin)
      const also = () => ({
        ...(holds !== undefined && { holds }),
        ...(isLeaving !== undefined && { isLeaving }),
        ...claiming(kind, key, object, expected),
      })
      const counted = desk?.counts(kind, object.metadata.namespace) === true
      const before = counted ? asItWas(kind, expected) : undefined
      const plan = () => ({ value: text, expected: revision, also: also(), known: expected })
      const write = () =>
        (before && desk?.write({ kind, key, origin, before, after: object, plan })) ?? store.update(key, text, revision, also())
      const own = { kind, text, object }
      // What somebody else has made of it is read as he makes it again.
      const isOwn = made === object
      if (isOwn) writing.set(key, own)
      try {
        const result = await write()
        if (result.type !== 'written') return undefined
        // While it is known: its writer asks for it next.
        if (isOwn) objectOf(kind, result.entry)
        return committed(kind, origin, result.entry)
      } finally {
        if (writing.get(key) === own) writing.delete(key)
      }
    },
    async remove({ kind, origin, expected }) {
      const { key, revision } = expected
      const also = () => claiming(kind, key, undefined)
      const plan = () => ({ value: null, expected: revision, also: also() ?? {}, known: expected })
      const before = desk?.counts(kind, undefined) === true ? asItWas(kind, expected) : undefined
      const result = await ((before && desk?.write({ kind, key, origin, before, plan })) ?? store.delete(key, revision, also()))
      return result.type === 'written' ? committed(kind, origin, result.entry) : undefined
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

/** An object that has room, but not with its owners, is stored without them, as in Kubernetes; unless all that was asked for is to own it. */
function stored(codec: StorageCodec, object: KubeObject, owners: string | undefined, { operation }: Origin): string {
  const text = codec.encode(object, owners)
  if (!isLargerThan(text, maxObjectBytes)) return text
  return storable(owners === undefined || operation === 'apply' ? text : codec.encode(object, undefined))
}

function storable(text: string): string {
  if (isLargerThan(text, maxObjectBytes))
    throw new ApiError('RequestEntityTooLarge', `Request entity too large: the object would be stored as more than ${maxObjectBytes} bytes`)
  return text
}

/** Without what reading adds and what every object of the kind has. */
const inStore = ({ kind: _kind, apiVersion: _apiVersion, metadata: { resourceVersion: _revision, ...metadata }, ...rest }: KubeObject) => ({
  metadata,
  ...rest,
})
