import { createLog } from '@bramble/shared/logging/log.ts'
import { describe, expect, it } from 'vitest'
import { groupCommit } from '../../../../store/disk/group-commit.ts'
import { createMemoryRows, memoryDisk } from '../../../../store/memory/memory-disk.ts'
import { createTestApi, type Json } from '../../../testing/api.ts'

const group = '/apis/rbac.authorization.k8s.io/v1'
const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate'

/** A hub, and the same one after a restart. */
async function restarted(meanwhile: (json: Awaited<ReturnType<typeof createTestApi>>['json']) => Promise<void>) {
  const rows = createMemoryRows()
  const changed: string[] = []
  const write = (line: string) => {
    const { message, key } = JSON.parse(line)
    if (message === 'object changed') changed.push(key)
  }
  const start = () => createTestApi({ log: createLog({ level: 'debug', write }) }, groupCommit({ disk: memoryDisk(rows) }))
  const first = await start()
  await meanwhile(first.json)
  await first.store.close()
  changed.length = 0
  return { ...(await start()), changed }
}

describe('the roles that every cluster has', () => {
  it('are there from the first start on, marked as such', async () => {
    const { json } = await createTestApi()
    const { metadata, rules } = (await json('GET', `${group}/clusterroles/system:kube-dns`)).body
    expect(metadata.annotations).toEqual({ [autoUpdate]: 'true' })
    expect(metadata.labels).toEqual({ 'kubernetes.io/bootstrapping': 'rbac-defaults' })
    expect(rules).toEqual([{ verbs: ['list', 'watch'], apiGroups: [''], resources: ['endpoints', 'services'] }])
    const bound = (await json('GET', `${group}/clusterrolebindings/system:controller:job-controller`)).body
    expect(bound.subjects).toEqual([{ kind: 'ServiceAccount', name: 'job-controller', namespace: 'kube-system' }])
    expect((await json('GET', `${group}/namespaces/kube-system/roles/extension-apiserver-authentication-reader`)).code).toBe(200)
  })

  it('are written only where they differ: a start that finds everything writes nothing', async () => {
    const { changed } = await restarted(async () => {})
    expect(changed).toEqual([])
  })

  it('get back what they lack, and keep what was added', async () => {
    const own = { verbs: ['get'], apiGroups: ['example.com'], resources: ['things'] }
    const jo = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jo' }
    const { json, changed } = await restarted(async (json) => {
      await json('PUT', `${group}/clusterroles/system:kube-dns`, {
        body: { metadata: { name: 'system:kube-dns', labels: { a: 'b' } }, rules: [own] },
      })
      await json('DELETE', `${group}/clusterroles/system:discovery`)
      const path = `${group}/clusterrolebindings/system:discovery`
      const binding = (await json('GET', path)).body
      await json('PUT', path, { body: { ...binding, subjects: [jo] } })
    })
    const dns = (await json('GET', `${group}/clusterroles/system:kube-dns`)).body
    expect(dns.rules[0]).toEqual(own)
    expect(
      dns.rules
        .slice(1)
        .flatMap(({ verbs, resources }: Json) => `${verbs} ${resources}`)
        .toSorted(),
    ).toEqual([...['list endpoints', 'list services', 'watch endpoints', 'watch services']])
    expect(dns.metadata.labels).toEqual({ a: 'b', 'kubernetes.io/bootstrapping': 'rbac-defaults' })
    expect((await json('GET', `${group}/clusterroles/system:discovery`)).code).toBe(200)
    const { subjects } = (await json('GET', `${group}/clusterrolebindings/system:discovery`)).body
    expect(subjects).toEqual([jo, { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:authenticated' }])
    expect(changed).toHaveLength(3)
  })

  it('are left alone by who says so', async () => {
    const metadata = { name: 'system:kube-dns', annotations: { [autoUpdate]: 'false' } }
    const { json, changed } = await restarted(async (json) => {
      await json('PUT', `${group}/clusterroles/system:kube-dns`, { body: { metadata, rules: [] } })
      const binding = (await json('GET', `${group}/clusterrolebindings/system:kube-dns`)).body
      await json('PUT', `${group}/clusterrolebindings/system:kube-dns`, { body: { ...binding, metadata, subjects: [] } })
    })
    expect((await json('GET', `${group}/clusterroles/system:kube-dns`)).body.rules ?? []).toEqual([])
    expect(changed).toEqual([])
  })

  it('are bound anew where something else was bound by that name', async () => {
    const path = `${group}/clusterrolebindings/system:kube-dns`
    const { json } = await restarted(async (json) => {
      const { metadata, roleRef } = (await json('GET', path)).body
      await json('DELETE', path)
      await json('POST', `${group}/clusterrolebindings`, {
        body: { metadata: { name: metadata.name }, roleRef: { ...roleRef, name: 'cluster-admin' } },
      })
    })
    expect((await json('GET', path)).body.roleRef.name).toBe('system:kube-dns')
  })

  it('do not gather others that were not meant to', async () => {
    const path = `${group}/clusterroles/system:kube-dns`
    const { json } = await restarted(async (json) => {
      const role = (await json('GET', path)).body
      const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }
      expect((await json('PUT', path, { body: { ...role, aggregationRule } })).code).toBe(200)
    })
    expect((await json('GET', path)).body.aggregationRule).toBeUndefined()
  })
})
