import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { type ClusterRole, clusterRoles } from '@bramble/shared/kinds/cluster-role.ts'
import { type LabelSelector, labelSelectorMatches } from '@bramble/shared/meta/label-selector.ts'
import type { IndexBy, Lister } from '../../client/lister.ts'
import { defineController } from '../controller.ts'
import { objectsOf } from '../refusals.ts'

/** A ClusterRole that gathers others has their rules, in the order of their names, and each once. A change is the business of those alone that gather it. */
export const clusterRoleAggregation = defineController({
  name: 'clusterrole-aggregation',
  account: 'clusterrole-aggregation-controller',
  workers: 1,
  setUp({ client, queue, watch, tellAbout }) {
    const gatherersOf = (role: ClusterRole): readonly string[] =>
      marksOf(role).flatMap((mark) => lister.by(gathering, mark).flatMap((other) => (isGathered(role, other) ? [other.metadata.name] : [])))
    const onRole = (...states: readonly ClusterRole[]) => {
      const own = states.filter(gathers).map(({ metadata }) => metadata.name)
      for (const name of new Set([...own, ...states.flatMap(gatherersOf)])) queue.add(name)
    }
    const lister = watch(clusterRoles, {
      onAdd: (role) => onRole(role),
      onUpdate(role, previous) {
        if (!isSameJson(factsOf(role), factsOf(previous))) onRole(previous, role)
      },
      onDelete: (role) => onRole(role),
    })
    tellAbout(objectsOf(clusterRoles, lister))

    return async (name, signal) => {
      const role = lister.get(undefined, name)
      if (role === undefined || role.metadata.deletionTimestamp !== undefined || !gathers(role)) return
      const rules = gathered(role, lister)
      if (isSameJson(rules, role.rules ?? [])) return
      const { uid, resourceVersion } = role.metadata
      const body = { metadata: { uid, resourceVersion }, rules }
      await client.patch(clusterRoles, { name }, { type: 'application/merge-patch+json', body }, { signal })
    }
  },
})

const selectorsOf = ({ aggregationRule }: ClusterRole): readonly LabelSelector[] => aggregationRule?.clusterRoleSelectors ?? []
const gathers = (role: ClusterRole): boolean => selectorsOf(role).length > 0
const factsOf = ({ metadata: { labels }, aggregationRule, rules }: ClusterRole) => ({ labels, aggregationRule, rules })

/** A selector finds something of each role that it selects among its marks: a label, a label with its value, or what all have. */
const marks = { all: '', label: (key: string) => key, value: (key: string, value: string) => `${key}=${value}` }

const marksOf: IndexBy<ClusterRole> = ({ metadata: { labels = {} } }) => [
  marks.all,
  ...Object.entries(labels).flatMap(([key, value]) => [marks.label(key), marks.value(key, value)]),
]

function marksFor({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly string[] {
  const [label] = Object.entries(matchLabels)
  if (label !== undefined) return [marks.value(...label)]
  const { key, values = [] } = matchExpressions.find(({ operator }) => operator === 'In') ?? { key: '' }
  if (key !== '') return values.map((value) => marks.value(key, value))
  const exists = matchExpressions.find(({ operator }) => operator === 'Exists')
  return [exists === undefined ? marks.all : marks.label(exists.key)]
}

const gathering: IndexBy<ClusterRole> = (role) => [...new Set(selectorsOf(role).flatMap(marksFor))]

const isGathered = ({ metadata: { name, labels } }: ClusterRole, by: ClusterRole): boolean =>
  name !== by.metadata.name && selectorsOf(by).some((selector) => labelSelectorMatches(selector, labels))

function gathered(by: ClusterRole, lister: Lister<ClusterRole>): NonNullable<ClusterRole['rules']> {
  const found = new Map(gathering(by).flatMap((mark) => lister.by(marksOf, mark).map((role) => [role.metadata.name, role])))
  const rules: NonNullable<ClusterRole['rules']> = []
  const known = new Set<string>()
  const byName = [...found.values()].filter((role) => isGathered(role, by)).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  for (const rule of byName.flatMap((role) => role.rules ?? [])) {
    const text = JSON.stringify(rule)
    if (!known.has(text)) rules.push(rule)
    known.add(text)
  }
  return rules
}
