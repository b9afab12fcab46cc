import type { KubeObject, Resource } from '../client.ts'
import { apiVersionOf } from '../kind.ts'
import type { ObjectMeta, OwnerReference } from './object-meta.ts'

/** The one owner that manages this object. */
export const controllerOf = (metadata: Pick<ObjectMeta, 'ownerReferences'>): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller === true)

export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean => {
  const controller = controllerOf(object.metadata)
  return controller !== undefined && controller.uid === owner.metadata.uid
}

/** The reference a controller writes into what it creates. */
export const controllerReference = (kind: Pick<Resource, 'group' | 'version' | 'kind'>, owner: KubeObject): OwnerReference => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
})
