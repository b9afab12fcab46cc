import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { OwnerReference } from '@bramble/shared/meta/object-meta.ts'
import { type Authorizer, decide } from '../../authz/authorizer.ts'
import type { KindIndex } from '../../discovery/kind-index.ts'
import type { RequestVerb, ResourceRequest } from '../../query/request-info.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'

type Deps = { readonly authorizers: readonly Authorizer[]; readonly kindIndex: KindIndex }

/**
 * Who changes the owners of an object could let it be deleted, so he must have the right to delete it; and who lets it hold up the deletion of an
 * owner must have the right to hold that up by finalizers.
 */
export const ownerReferencesPermission = defineAdmission('owner-references-permission', (deps) => ({
  validate(admission) {
    const { operation, kind, object, previous, origin } = admission
    if (operation === 'DELETE' || (kind === pods && origin.subresource === 'status')) return
    const owners = object?.metadata.ownerReferences ?? []
    const before = previous?.metadata.ownerReferences ?? []
    if (owners.length === before.length && isSameJson(owners, before)) return
    if (operation !== 'CREATE') checkDeletion(admission, deps)
    for (const owner of owners) if (isNewlyBlocking(owner, before)) checkOwner(admission, owner, deps)
  },
}))

function checkDeletion(admission: Admission, { authorizers }: Deps): void {
  const { kind, namespace, name, origin } = admission
  const { group, version, resource } = kind
  const reason = refusalOf(authorizers, admission, {
    ...{ verb: 'delete', group, version, resource, name },
    ...(namespace !== undefined && { namespace }),
    ...(origin.subresource !== undefined && { subresource: origin.subresource }),
  })
  if (reason !== undefined) throw refused(admission, `cannot set an ownerRef on a resource you can't delete: ${reason}, <nil>`)
}

const isNewlyBlocking = ({ uid, blockOwnerDeletion }: OwnerReference, before: readonly OwnerReference[]): boolean =>
  blockOwnerDeletion === true && before.find((owner) => owner.uid === uid)?.blockOwnerDeletion !== true

function checkOwner(admission: Admission, { apiVersion, kind, name }: OwnerReference, { authorizers, kindIndex }: Deps): void {
  const owner = kindIndex.byKind(apiVersion, kind)
  if (owner === undefined)
    throw refused(
      admission,
      `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`,
    )
  const { group, version, resource, namespaced } = owner
  const reason = refusalOf(authorizers, admission, {
    ...{ verb: 'update', group, version, resource, subresource: 'finalizers', name },
    // An owner that has a namespace is in that of what it owns.
    ...(namespaced && admission.namespace !== undefined && { namespace: admission.namespace }),
  })
  if (reason !== undefined)
    throw refused(
      admission,
      `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${reason}, <nil>`,
    )
}

type Question = Omit<ResourceRequest, 'type' | 'verb'> & { readonly verb: RequestVerb }

function refusalOf(authorizers: readonly Authorizer[], { origin }: Admission, question: Question): string | undefined {
  const decision = decide(authorizers, { user: origin.user, info: { type: 'resource', ...question } })
  return decision.type === 'allow' ? undefined : (decision.reason ?? '')
}
