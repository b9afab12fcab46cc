import type { KubeObject } from '../api/client.ts'

/** How the objects of a resource lie in the store, told by each of its versions in the same words (the same value). */
export type Storage = {
  /** The group that they lie in, if it is served in more than one, as Events are; default: its own. */
  readonly group?: string
  /** The version that is written, whichever one an object was sent in. */
  readonly version: string
  /**
   * The others that are served, or may lie there from before: how each becomes the one that is written and comes from it. By their version, or
   * in another group by both (`events.k8s.io/v1`).
   */
  readonly others: Readonly<Record<string, Conversion>>
  /** Who converts between any two versions, if the hub has to ask for it; then `others` only names them. */
  readonly elsewhere?: Elsewhere
}

/**
 * Objects of one version, asked to become of another (`stable.example.com/v1`). As many come back, in their order, as `Conversion` has it. Throws what
 * whoever wants them is to be told.
 */
export type Elsewhere = (objects: readonly KubeObject[], apiVersion: string) => Promise<readonly KubeObject[]>

/**
 * Both get a copy that they may change. Of the metadata only labels and annotations may come out different. What only one of two
 * versions can say must survive in the other, as in an annotation, or a write through that one takes it away.
 */
export type Conversion = {
  toStored(object: KubeObject): KubeObject
  fromStored(object: KubeObject): KubeObject
}

/** The versions differ in nothing but their name and what their schemas let through, as those of a CRD with the strategy None. */
export const sameShape: Conversion = Object.freeze({ toStored: (object: KubeObject) => object, fromStored: (object: KubeObject) => object })

type Versioned = { readonly group: string; readonly version: string; readonly storage?: Storage | undefined }

/** A storage whose group is told. */
export type Stored = Storage & { readonly group: string }

/** A resource with one version is stored in it. */
export const storageOf = ({ group, version, storage }: Versioned): Stored =>
  storage === undefined ? { group, version, others: {} } : { ...storage, group: storage.group ?? group }

export const storageGroupOf = ({ group, storage }: Pick<Versioned, 'group' | 'storage'>): string => storage?.group ?? group

export const isStoredVersion = (storage: Stored, { group, version }: Versioned): boolean =>
  group === storage.group && version === storage.version

/** How a version and the stored one become each other; undefined for one that nobody knows. */
export function conversionOf(storage: Stored, of: Versioned): Conversion | undefined {
  if (isStoredVersion(storage, of)) return sameShape
  const name = of.group === storage.group ? of.version : `${of.group}/${of.version}`
  return Object.hasOwn(storage.others, name) ? storage.others[name] : undefined
}

/** Every version that objects of a resource may lie there in, the one that is written first. */
export const versionsOf = ({ group, version, others }: Stored): readonly Versioned[] =>
  [version, ...Object.keys(others)].map((name) => {
    const slash = name.indexOf('/')
    return slash < 0 ? { group, version: name } : { group: name.slice(0, slash), version: name.slice(slash + 1) }
  })
