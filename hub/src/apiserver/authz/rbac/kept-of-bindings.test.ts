import { type ClusterRoleBinding, clusterRoleBindings } from '@bramble/shared/kinds/cluster-role-binding.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Subject } from '@bramble/shared/types/rbac.ts'
import { describe, expect, it } from 'vitest'
import { memoryLog } from '../../../store/memory/memory-disk.ts'
import { createStore } from '../../../store/mvcc.ts'
import { heapAfterCollection } from '../../../testing/heap.ts'
import { createRegistry, type Registry } from '../../objects/registry.ts'
import { originOfPart } from '../../objects/origin.ts'
import { storing } from '../../objects/stored/storing.ts'
import { hubParts } from '../hub-parts.ts'
import { createRoleIndex } from './role-index.ts'

const apiGroup = 'rbac.authorization.k8s.io'

async function bound(bindings: number, subjectsOf: (binding: number) => Subject[]) {
  const registry = createRegistry({ store: await createStore({ log: memoryLog(), ...storing(createKindSet(builtIn)) }) })
  for (let i = 0; i < bindings; i++) {
    const object: ClusterRoleBinding = {
      ...{ apiVersion: `${apiGroup}/v1`, kind: 'ClusterRoleBinding', metadata: { name: `b${i}` } },
      ...{ subjects: subjectsOf(i), roleRef: { apiGroup, kind: 'ClusterRole', name: 'r' } },
    }
    const origin = originOfPart(hubParts.apiserver, 'create')
    await registry.create({ kind: clusterRoleBindings, object, owners: undefined, origin })
  }
  const { entries } = registry.store.list(registry.prefixOf(clusterRoleBindings))
  /** Keeps nothing of what it has read. */
  const forgetful: Registry = { ...registry, objectOf: (kind, entry) => createRegistry({ store: registry.store }).objectOf(kind, entry) }
  return { registry: forgetful, textBytes: entries.reduce((sum, { value }) => sum + value.length, 0) }
}

const users = (prefix: string): Subject[] => Array.from({ length: 7000 }, (_, i) => ({ apiGroup, kind: 'User', name: `${prefix}${i}` }))
const accounts = (): Subject[] => users('app-').map(({ name }) => ({ kind: 'ServiceAccount', name, namespace: 'default' }))

describe('what is kept of bindings is at most twice their text, of', () => {
  it.each([
    ['the same 7,000 users', 20, () => users('jo-')],
    ['7,000 others each', 20, (i: number) => users(`jo-${i}-`)],
    ['7,000 accounts', 20, accounts],
    ['one group', 10_000, () => [{ apiGroup, kind: 'Group', name: 'devs' }]],
  ] as const)('%s', async (_, count, subjectsOf) => {
    const { registry, textBytes } = await bound(count, subjectsOf)
    const before = heapAfterCollection()
    const index = createRoleIndex({ registry, log: silentLog })
    // What was looked at in this turn is kept until the next one.
    await new Promise((resolve) => setImmediate(resolve))
    const keptBytes = heapAfterCollection() - before
    index.close()
    expect(keptBytes / textBytes).toBeLessThan(2)
  })
})
