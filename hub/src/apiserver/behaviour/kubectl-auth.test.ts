import type { Role } from '@bramble/shared/kinds/role.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubectl, startKubectl } from '../testing/kubectl.ts'

const role = (verbs: string) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: default }
rules: [{ apiGroups: [''], resources: [pods], verbs: [${verbs}] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader, namespace: default }
subjects: [{ kind: User, name: jo, apiGroup: rbac.authorization.k8s.io }]
roleRef: { kind: Role, name: reader, apiGroup: rbac.authorization.k8s.io }
`

describe('real kubectl and who may do what', () => {
  let running: Kubectl
  beforeAll(async () => {
    running = await startKubectl()
  }, 60_000)
  afterAll(() => running[Symbol.asyncDispose]())
  const answer = async (args: readonly string[], stdin?: string) => (await running.kubectl([...args], stdin)).out.trim()
  const asJo = ['--as=jo', '--as-group=system:authenticated']

  it('reconciles roles and bindings: what they lack is added, and what they have too much is taken when asked for', async () => {
    const reconcile = (verbs: string, ...flags: string[]) => answer(['auth', 'reconcile', '-f', '-', ...flags], role(verbs))
    const verbs = async () =>
      (JSON.parse(await answer(['get', 'role', 'reader', '-o', 'json'])) as Role).rules?.flatMap((rule) => rule.verbs)
    expect(await reconcile('get')).toContain('role.rbac.authorization.k8s.io/reader reconciled')
    await reconcile('get, list')
    expect(await verbs()).toEqual(['get', 'list'])
    await reconcile('get')
    expect(await verbs()).toEqual(['get', 'list'])
    await reconcile('get', '--remove-extra-permissions')
    expect(await verbs()).toEqual(['get'])
  }, 60_000)

  it('asks what somebody may do, and lists it', async () => {
    await answer(['auth', 'reconcile', '-f', '-'], role('get'))
    expect(await answer(['auth', 'can-i', 'get', 'pods', ...asJo])).toBe('yes')
    expect(await answer(['auth', 'can-i', 'list', 'pods', ...asJo])).toBe('no')
    expect(await answer(['auth', 'can-i', 'get', 'pods', '-n', 'kube-system', ...asJo])).toBe('no')
    expect(await answer(['auth', 'can-i', '*', '*'])).toBe('yes')
    const list = await answer(['auth', 'can-i', '--list', ...asJo])
    expect(list).toMatch(/pods +\[\] +\[\] +\[get\]/)
    expect(list).toMatch(/\[\/version\] +\[\] +\[get\]/)
    expect(list).not.toContain('[*]')
  }, 60_000)

  it('is refused with the words of Kubernetes', async () => {
    const { code, err } = await running.kubectl(['create', 'rolebinding', 'b', '--clusterrole=cluster-admin', '--user=jo', ...asJo])
    expect(code).not.toBe(0)
    expect(err).toContain(
      'User "jo" cannot create resource "rolebindings" in API group "rbac.authorization.k8s.io" in the namespace "default"',
    )
  }, 60_000)
})
