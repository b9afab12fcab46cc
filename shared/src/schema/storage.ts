import type { KubeObject } from '../api/client.ts'

/** How the objects of a resource lie in the store, told by each of its versions in the same words (the same value). */
export type Storage = {
  /** The version that is written, whichever one an object was sent in. */
  readonly version: string
  /** The others that are served, or may lie there from before: how each becomes the one that is written and comes from it. */
  readonly others: Readonly<Record<string, Conversion>>
}

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

type Versioned = { readonly version: string; readonly storage?: Storage | undefined }

/** A resource with one version is stored in it. */
export const storageOf = ({ version, storage }: Versioned): Storage => storage ?? { version, others: {} }

/** How a version and the stored one become each other; undefined for one that nobody knows. */
export const conversionOf = ({ version, others }: Storage, of: string): Conversion | undefined =>
  of === version ? sameShape : Object.hasOwn(others, of) ? others[of] : undefined
