import type { NamespaceCondition } from '@bramble/shared/kinds/namespace.ts'
import { findCondition } from '@bramble/shared/meta/conditions.ts'
import { cutText } from '@bramble/shared/text/cut-text.ts'

/** What of a resource is still in a namespace after it was asked to go, and on which finalizers it waits. */
export type Left = {
  readonly group: string
  readonly resource: string
  readonly count: number
  readonly finalizers: ReadonlyMap<string, number>
}

export type Found = {
  readonly left: readonly Left[]
  /** Groups and versions of other servers, of which nobody knows what they keep in the namespace. */
  readonly unknown: readonly string[]
  /** Why something could not be asked to go. */
  readonly failures: readonly string[]
}

export const isEmpty = ({ left, unknown, failures }: Found): boolean => left.length + unknown.length + failures.length === 0

type Told = {
  readonly found: Found
  /** Those that stand there. */
  readonly before?: readonly NamespaceCondition[] | undefined
  readonly now: string
}

/** What keeps a namespace from going, in Kubernetes' words. Undefined: that stands there already. */
export function conditionsOf({ found, before = [], now }: Told): NamespaceCondition[] | undefined {
  const conditions = Object.entries(troubles(found)).map(([type, { trouble, fine }]): NamespaceCondition => {
    const [reason, message] = trouble ?? fine
    const status = trouble === undefined ? 'False' : 'True'
    const seen = findCondition(before, type)
    return { type, status, reason, message, lastTransitionTime: seen?.status === status ? seen.lastTransitionTime : now }
  })
  const isSame = conditions.every(({ type, status, message }) => {
    const seen = findCondition(before, type)
    return seen?.status === status && seen.message === message
  })
  return isSame ? undefined : conditions
}

type Words = readonly [reason: string, message: string]
type Verdict = { readonly trouble: Words | undefined; readonly fine: Words }

function troubles({ left, unknown, failures }: Found): Readonly<Record<string, Verdict>> {
  const remaining = left.map(({ resource, group, count }) => `${resource}.${group} has ${count} resource instances`)
  const waiting = [...onFinalizers(left)].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`)
  const stale = unknown.map((each) => `${each}: stale GroupVersion discovery: ${each}`)
  return {
    NamespaceDeletionDiscoveryFailure: {
      trouble: when(
        stale,
        'DiscoveryFailed',
        `Discovery failed for some groups, ${stale.length} failing: unable to retrieve the complete list of server APIs: `,
      ),
      fine: ['ResourcesDiscovered', 'All resources successfully discovered'],
    },
    // What a server tells of its groups is read where it is looked at.
    NamespaceDeletionGroupVersionParsingFailure: {
      trouble: undefined,
      fine: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    },
    NamespaceDeletionContentFailure: {
      trouble: when(failures, 'ContentDeletionFailed', `Failed to delete all resource types, ${failures.length} remaining: `),
      fine: ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    },
    NamespaceContentRemaining: {
      trouble: when(remaining, 'SomeResourcesRemain', 'Some resources are remaining: '),
      fine: ['ContentRemoved', 'All content successfully removed'],
    },
    NamespaceFinalizersRemaining: {
      trouble: when(waiting, 'SomeFinalizersRemain', 'Some content in the namespace has finalizers remaining: '),
      fine: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    },
  }
}

/** As long as the message of any condition may be. */
const maxMessageBytes = 32_768

const when = (each: readonly string[], reason: string, message: string): Words | undefined =>
  each.length === 0 ? undefined : [reason, cutText(`${message}${each.toSorted().join(', ')}`, maxMessageBytes)]

function onFinalizers(left: readonly Left[]): ReadonlyMap<string, number> {
  const all = new Map<string, number>()
  for (const { finalizers } of left) for (const [name, count] of finalizers) all.set(name, (all.get(name) ?? 0) + count)
  return all
}
