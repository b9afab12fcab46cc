import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { type ClusterRole, clusterRoles } from '@bramble/shared/kinds/cluster-role.ts'
import { labelSelectorMatches } from '@bramble/shared/meta/label-selector.ts'
import type { IndexBy } from '../../client/lister.ts'
import { defineController } from '../controller.ts'
import { objectsOf } from '../refusals.ts'

/** A ClusterRole that gathers others has their rules, in the order of their names, and each once. */
export const clusterRoleAggregation = defineController({
  name: 'clusterrole-aggregation',
  account: 'clusterrole-aggregation-controller',
  workers: 1,
  setUp({ client, queue, watch, tellAbout }) {
    const enqueueAll = () => {
      for (const { metadata } of lister.by(gathering, 'yes')) queue.add(metadata.name)
    }
    const lister = watch(clusterRoles, {
      onAdd: enqueueAll,
      onUpdate: enqueueAll,
      onDelete: enqueueAll,
    })
    tellAbout(objectsOf(clusterRoles, lister))

    return async (name, signal) => {
      const role = lister.get(undefined, name)
      if (role === undefined || role.metadata.deletionTimestamp !== undefined || !gathers(role)) return
      const rules = gathered(role, lister.list())
      if (isSameJson(rules, role.rules ?? [])) return
      const { uid, resourceVersion } = role.metadata
      const body = { metadata: { uid, resourceVersion }, rules }
      await client.patch(clusterRoles, { name }, { type: 'application/merge-patch+json', body }, { signal })
    }
  },
})

const gathers = ({ aggregationRule }: ClusterRole) => (aggregationRule?.clusterRoleSelectors ?? []).length > 0
const gathering: IndexBy<ClusterRole> = (role) => (gathers(role) ? ['yes'] : [])

function gathered({ metadata, aggregationRule }: ClusterRole, all: readonly ClusterRole[]): NonNullable<ClusterRole['rules']> {
  const rules: NonNullable<ClusterRole['rules']> = []
  const known = new Set<string>()
  const isGathered = ({ metadata: { name, labels } }: ClusterRole) =>
    name !== metadata.name && (aggregationRule?.clusterRoleSelectors ?? []).some((selector) => labelSelectorMatches(selector, labels))
  const byName = all.filter(isGathered).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  for (const rule of byName.flatMap((role) => role.rules ?? [])) {
    const text = JSON.stringify(rule)
    if (!known.has(text)) rules.push(rule)
    known.add(text)
  }
  return rules
}
