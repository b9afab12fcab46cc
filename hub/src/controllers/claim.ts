import { labelSelectorMatches } from '@bramble/shared/meta/label-selector.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { LabelSelector } from '@bramble/shared/meta/label-selector.ts'
import type { OwnerReference } from '@bramble/shared/meta/object-meta.ts'

export type Claim<T> = { readonly owned: readonly T[]; readonly adopt: readonly T[]; readonly release: readonly T[] }

/**
 * Which objects belong to an owner: those it controls and still selects stay, those it no longer selects are let go, and those it
 * selects and nobody controls are taken. An owner that is being deleted takes nothing.
 */
export function claim<T extends KubeObject>(owner: KubeObject, selector: LabelSelector | undefined, candidates: readonly T[]): Claim<T> {
  const owned: T[] = []
  const adopt: T[] = []
  const release: T[] = []
  for (const candidate of candidates) {
    const controller = controllerOf(candidate)
    const isSelected = labelSelectorMatches(selector, candidate.metadata.labels)
    if (controller?.uid === owner.metadata.uid) (isSelected ? owned : release).push(candidate)
    else if (
      controller === undefined &&
      isSelected &&
      candidate.metadata.deletionTimestamp === undefined &&
      owner.metadata.deletionTimestamp === undefined
    )
      adopt.push(candidate)
  }
  return { owned, adopt, release }
}

export const controllerOf = ({ metadata }: KubeObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller === true)

export const controllerRef = ({ apiVersion, kind, metadata }: KubeObject): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
})

/** Patches by uid, so that a later object of the same name is not meant. */
export const adoption = (owner: KubeObject, { metadata: { uid } }: KubeObject) =>
  ({
    type: 'application/strategic-merge-patch+json',
    body: { metadata: { uid, ownerReferences: [controllerRef(owner)] } },
  }) as const

export const releasal = (owner: KubeObject, { metadata: { uid } }: KubeObject) =>
  ({
    type: 'application/strategic-merge-patch+json',
    body: { metadata: { uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }] } },
  }) as const
