import { readFileSync } from 'node:fs'
import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import { describe, expect, it } from 'vitest'
import { componentBindings, componentRoles } from './component-roles.ts'
import { userBindings, userRoles } from './user-roles.ts'

/** Where a role differs from Kubernetes', by the rule, and why. */
const beyond: Readonly<Record<string, readonly string[]>> = {
  // Servers of others are found by the slices of their Services.
  'system:kube-aggregator': ['get list watch | discovery.k8s.io | endpointslices'],
}

const [heads, rulesOf] = read(readFileSync(new URL('testdata/cluster-roles.txt', import.meta.url), 'utf8'))
const ours = [...userRoles, ...componentRoles]
const aggregation = 'rbac.authorization.k8s.io/'

describe("the roles for people and components are Kubernetes' own", () => {
  it('by their names', () => {
    expect(ours.map(({ metadata }) => metadata.name).toSorted()).toEqual([...heads.keys()].toSorted())
  })

  it.each(ours)('$metadata.name, rule by rule', ({ metadata: { name }, rules }) => {
    const wanted = [...(rulesOf.get(name) ?? []), ...(beyond[name] ?? [])]
    expect((rules ?? []).map(lineOf).toSorted()).toEqual(wanted.toSorted())
  })

  it.each(ours)('$metadata.name, by what gathers it and what it gathers', ({ metadata: { name, labels = {} }, aggregationRule }) => {
    const gathers = (aggregationRule?.clusterRoleSelectors ?? []).flatMap(({ matchLabels = {} }) => Object.keys(matchLabels))
    const partOf = Object.keys(labels).filter((key) => key.startsWith(aggregation))
    const said = [
      ...gathers.map((key) => `gathers ${key.slice(aggregation.length)}`),
      ...partOf.map((key) => `part of ${key.slice(`${aggregation}aggregate-to-`.length)}`),
    ]
    expect(said.join(', ')).toBe(heads.get(name))
  })

  it('and are bound to whom they are bound there', () => {
    const bound = [...userBindings, ...componentBindings].map(
      ({ metadata, subjects = [] }) => `${metadata.name}: ${subjects.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`,
    )
    expect(bound.toSorted()).toEqual([
      'cluster-admin: Group system:masters',
      'system:basic-user: Group system:authenticated',
      'system:discovery: Group system:authenticated',
      'system:kube-controller-manager: User system:kube-controller-manager',
      'system:kube-dns: ServiceAccount kube-dns',
      'system:kube-scheduler: User system:kube-scheduler',
      'system:monitoring: Group system:monitoring',
      'system:node-proxier: User system:kube-proxy',
      'system:node: ',
      'system:public-info-viewer: Group system:authenticated, Group system:unauthenticated',
      'system:service-account-issuer-discovery: Group system:serviceaccounts',
      'system:volume-scheduler: User system:kube-scheduler',
    ])
  })
})

function lineOf({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  const columns =
    nonResourceURLs === undefined ? [(apiGroups ?? []).map((name) => name || '-'), resources, resourceNames] : [nonResourceURLs]
  return [verbs, ...columns].flatMap((words) => (words === undefined ? [] : [words.toSorted().join(' ')])).join(' | ')
}

function read(text: string): [heads: ReadonlyMap<string, string>, rules: ReadonlyMap<string, readonly string[]>] {
  const heads = new Map<string, string>()
  const rules = new Map<string, string[]>()
  let role = ''
  for (const line of text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))) {
    if (line.startsWith('  ')) {
      rules.set(role, [...(rules.get(role) ?? []), line.trim()])
      continue
    }
    const end = line.indexOf(' ')
    role = end === -1 ? line : line.slice(0, end)
    heads.set(role, end === -1 ? '' : line.slice(end + 1))
  }
  return [heads, rules]
}
