import { clusterRoles } from '@bramble/shared/kinds/cluster-role.ts'
import { expect, test } from 'vitest'
import { settle, startTestHub, type TestHub, until } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = {
  clusterCidr: '10.42.0.0/16',
  serviceCidr: '10.43.0.0/16',
  hubAddresses: () => ['192.168.1.2'],
  hubPort: 6443,
  rootCa: 'ca',
}
const rule = (resource: string) => ({ verbs: ['get'], apiGroups: ['example.com'], resources: [resource] })
const role = (name: string, rules: ReturnType<typeof rule>[], labels: Record<string, string> = {}) =>
  ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, labels }, rules }) as const
const rulesOf = async (hub: TestHub, name: string) => (await hub.client.get(clusterRoles, { name })).rules ?? []
const hasRule = async (hub: TestHub, name: string, resource: string) =>
  (await rulesOf(hub, name)).some(({ resources }) => resources?.includes(resource))

test('the roles for people gather what is meant for them, those of charts too, and what others have gathered', async () => {
  await using hub = await startTestHub()
  hub.start(controllersOf(hub, { config }))
  await until('view has its own', () => hasRule(hub, 'view', 'pods'))
  await until('edit has those of view', async () => (await hasRule(hub, 'edit', 'endpointslices')) && hasRule(hub, 'edit', 'pods/eviction'))
  await until('admin has those of edit', async () => (await hasRule(hub, 'admin', 'pods/eviction')) && hasRule(hub, 'admin', 'roles'))
  expect(await hasRule(hub, 'view', 'secrets')).toBe(false)
  await hub.client.create(clusterRoles, role('things', [rule('things')], { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }))
  await until('all have those of the chart', () => hasRule(hub, 'admin', 'things'))
  await hub.client.delete(clusterRoles, { name: 'things' })
  await until('they are gone with it', async () => !(await hasRule(hub, 'admin', 'things')) && !(await hasRule(hub, 'view', 'things')))
})

test('a role gathers by the order of names, each rule once, and never itself; rules of its own do not stay', async () => {
  await using hub = await startTestHub()
  hub.start(controllersOf(hub, { config }))
  const labels = { gather: 'me' }
  await hub.client.create(clusterRoles, role('b', [rule('two'), rule('one')], labels))
  await hub.client.create(clusterRoles, role('a', [rule('one')], labels))
  await hub.client.create(clusterRoles, {
    ...role('all', [rule('own')], labels),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] },
  })
  await until('it has gathered', async () => !(await hasRule(hub, 'all', 'own')))
  expect(await rulesOf(hub, 'all')).toEqual([rule('one'), rule('two')])
  await settle()
  hub.writes.length = 0
  await hub.client.create(clusterRoles, role('c', [rule('one')], labels))
  await settle(300)
  expect(hub.writes).toEqual(['POST /apis/rbac.authorization.k8s.io/v1/clusterroles'])
})

test('a change of a role is the business of those that gather it, however they say so, and of no other', async () => {
  await using hub = await startTestHub()
  const controllers = controllersOf(hub, { config })
  hub.start(controllers)
  const gatherer = (name: string, selector: object) =>
    hub.client.create(clusterRoles, { ...role(name, []), aggregationRule: { clusterRoleSelectors: [selector] } })
  for (let i = 0; i < 100; i++) await gatherer(`other-${i}`, { matchLabels: { gather: `${i}` } })
  const selectors = {
    label: { matchLabels: { gather: 'me' } },
    in: { matchExpressions: [{ key: 'gather', operator: 'In', values: ['you', 'me'] }] },
    exists: { matchExpressions: [{ key: 'mine', operator: 'Exists' }] },
    absent: { matchExpressions: [{ key: 'yours', operator: 'DoesNotExist' }] },
  }
  for (const [name, selector] of Object.entries(selectors)) await gatherer(`by-${name}`, selector)
  await settle(300)
  const adds = () => controllers.queues().find(({ name }) => name === 'clusterrole-aggregation')?.adds ?? 0
  const before = adds()
  await hub.client.create(clusterRoles, role('new', [rule('new')], { gather: 'me', mine: 'yes' }))
  for (const name of Object.keys(selectors)) await until(`by-${name} has it`, () => hasRule(hub, `by-${name}`, 'new'))
  await hub.client.patch(
    clusterRoles,
    { name: 'new' },
    { type: 'application/merge-patch+json', body: { metadata: { labels: { gather: null, mine: null, yours: 'yes' } } } },
  )
  for (const name of Object.keys(selectors))
    await until(`by-${name} has it no more`, async () => !(await hasRule(hub, `by-${name}`, 'new')))
  await settle()
  // Each of the four for the two changes and for what the others of them wrote then.
  expect(adds() - before).toBeLessThan(50)
})
