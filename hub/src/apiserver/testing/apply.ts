import type { ManagedFieldsEntry } from '@bramble/shared/meta/object-meta.ts'
import { createTestApi, type Json } from './api.ts'

const contentType = 'application/apply-patch+yaml'
export const at = '/api/v1/namespaces/default/configmaps'
export const deployments = '/apis/apps/v1/namespaces/default/deployments'

type Container = { name: string; image?: string; ports?: object[]; env?: object[] }
export const deployment = (spec: object = {}, containers: Container[] = [{ name: 'c', image: 'i' }], metadata: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', ...metadata },
  spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers } }, ...spec },
})

/** An apiserver, and what those ask of it who apply. */
export async function applyTo() {
  const api = await createTestApi()
  const apply = (url: string, body: unknown, query: string) => api.json('PATCH', `${url}?${query}`, { body, contentType })
  const as = (manager: string, url: string, body: unknown, more = '') => apply(url, body, `fieldManager=${manager}${more}`)
  /** What each owns: `manager operation subresource` → fields. */
  const owners = async (url: string): Promise<Json> => {
    const { body } = await api.json('GET', url)
    const entries = (body.metadata.managedFields ?? []) as ManagedFieldsEntry[]
    return Object.fromEntries(
      entries.map(({ manager, operation, subresource, fieldsV1 }) => [
        [manager, operation, subresource].filter(Boolean).join(' '),
        fieldsV1,
      ]),
    )
  }
  const get = async (url: string) => (await api.json('GET', url)).body
  return { ...api, apply, as, owners, get }
}
