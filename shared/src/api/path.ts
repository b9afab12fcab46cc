import type { ObjectKey, Resource } from './client.ts'

/** `/api/v1` or `/apis/apps/v1` */
export const groupVersionPath = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`

/** The URL path of a resource, of one object of it, or of a subresource of that. */
export function pathOf(resource: Resource, key: Partial<ObjectKey> = {}, subresource?: string): string {
  const parts = [groupVersionPath(resource)]
  if (resource.namespaced && key.namespace !== undefined && key.namespace !== '')
    parts.push('namespaces', encodeURIComponent(key.namespace))
  parts.push(resource.resource)
  if (key.name !== undefined) parts.push(encodeURIComponent(key.name))
  if (subresource !== undefined) parts.push(subresource)
  return parts.join('/')
}
