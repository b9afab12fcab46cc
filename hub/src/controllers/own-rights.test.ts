import { discover } from '@bramble/shared/discover.ts'
import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import { expect, test } from 'vitest'
import { controllerPart } from '../apiserver/authz/hub-parts.ts'
import { startTestHub } from '../client/test-hub.ts'
import { isController } from './controller.ts'

const controllers = discover(import.meta.glob('./loops/*.ts', { eager: true }), isController)
type Review = KubeObject & { readonly spec: object; readonly status?: { readonly allowed: boolean } }
const reviews: Resource<Review> = {
  ...{
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    namespaced: false,
  },
}

test('each controller asks as an account of its own, and none may do everything', async () => {
  await using hub = await startTestHub()
  const accounts = [...new Set(controllers.map(({ account }) => account))]
  expect(accounts.length).toBeGreaterThan(10)
  const may = async (account: string, resourceAttributes: object) => {
    const asked: Review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: reviews.kind,
      metadata: { name: '' },
      spec: { resourceAttributes },
    }
    return (await hub.controller(account).create(reviews, asked)).status?.allowed
  }
  for (const account of accounts) {
    const { user } = controllerPart(account)
    expect(user.name).toBe(`system:serviceaccount:kube-system:${account}`)
    expect(user.groups).not.toContain('system:masters')
    expect(await may(account, { group: '*', resource: '*', verb: '*' }), account).toBe(false)
    expect(await may(account, { group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings', verb: 'create' }), account).toBe(false)
  }
})
