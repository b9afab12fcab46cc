import { describe, expect, it } from 'vitest'
import { clusterRoleBindings } from '../cluster-role-binding.ts'
import { clusterRoles } from '../cluster-role.ts'
import { roleBindings } from '../role-binding.ts'
import { roles } from '../role.ts'
import { created, refusals, row, updateRefusals } from './testing.ts'

const group = 'rbac.authorization.k8s.io'
const metadata = { name: 'system:reader' }
const read = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }

describe('the rules of a role', () => {
  it.each([
    [{}, []],
    [{ verbs: [] }, ['rules[0].verbs: Required value: verbs must contain at least one value']],
    [
      { apiGroups: [], resources: [] },
      [
        'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
        'rules[0].resources: Required value: resource rules must supply at least one resource',
      ],
    ],
    [
      { resources: ['pods', 'services'], resourceNames: ['web'] },
      ['rules[0].resourceNames: Required value: resource names cannot apply to multiple resources'],
    ],
    [
      { nonResourceURLs: ['/healthz'] },
      ['rules[0].nonResourceURLs: Invalid value: ["/healthz"]: rules cannot apply to both regular resources and non-resource URLs'],
    ],
    [{ apiGroups: undefined, resources: undefined, nonResourceURLs: ['/healthz'] }, []],
  ])('%j in a ClusterRole: %j', (change, errors) => {
    expect(refusals(clusterRoles, { metadata, rules: [{ ...read, ...change }] })).toEqual(errors)
  })

  it('are about resources alone in a namespace', () => {
    expect(refusals(roles, { metadata, rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }] })).toEqual([
      'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs',
    ])
  })

  it('come from other roles by selectors that there are', () => {
    const of = (clusterRoleSelectors: object[]) => refusals(clusterRoles, { metadata, aggregationRule: { clusterRoleSelectors } })
    expect(of([{ matchLabels: { a: 'b' } }])).toEqual([])
    expect(of([])).toEqual([
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ])
    expect(of([{ matchExpressions: [{ key: 'a', operator: 'In' }] }])).toEqual([
      "aggregationRule.clusterRoleSelectors[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ])
  })
})

const roleRef = { kind: 'ClusterRole', name: 'view' }

describe('a binding', () => {
  it('gets the group of roles, users and groups', () => {
    const subjects = [
      { kind: 'User', name: 'jo' },
      { kind: 'Group', name: 'devs' },
      { kind: 'ServiceAccount', name: 'ci', namespace: 'a' },
    ]
    const binding = created(roleBindings, { metadata, roleRef, subjects })
    expect(binding.roleRef.apiGroup).toBe(group)
    expect(binding.subjects?.map(({ apiGroup }) => apiGroup)).toEqual([group, group, undefined])
    expect(row(roleBindings, { ...binding, metadata: { name: 'b' } }, { wide: true })).toEqual([
      ...['b', 'ClusterRole/view', undefined],
      ...['jo', 'devs', 'a/ci'],
    ])
  })

  it.each([
    [{ roleRef: { ...roleRef, apiGroup: 'x' } }, [`roleRef.apiGroup: Unsupported value: "x": supported values: "${group}"`]],
    [{ roleRef: { kind: 'Rule', name: 'view' } }, ['roleRef.kind: Unsupported value: "Rule": supported values: "Role", "ClusterRole"']],
    [{ roleRef: { kind: 'Role', name: '' } }, ['roleRef.name: Required value']],
    [{ roleRef: { kind: 'Role', name: 'a/b' } }, [`roleRef.name: Invalid value: "a/b": may not contain '/'`]],
    [{ subjects: [{ kind: 'ServiceAccount', name: 'ci' }] }, []],
    [
      { subjects: [{ kind: 'ServiceAccount', name: 'C', apiGroup: 'x' }] },
      [
        expect.stringContaining('subjects[0].name: Invalid value: "C"'),
        'subjects[0].apiGroup: Unsupported value: "x": supported values: ""',
      ],
    ],
    [
      { subjects: [{ kind: 'User', name: '' }] },
      ['subjects[0].name: Required value', 'subjects[0].name: Invalid value: "": user name cannot be empty'],
    ],
    [
      { subjects: [{ kind: 'Robot', name: 'r' }] },
      ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"'],
    ],
  ])('%j is told: %j', (change, errors) => {
    expect(refusals(roleBindings, { metadata, roleRef, ...change })).toEqual(errors)
  })

  it('of the cluster binds ClusterRoles, and service accounts with their namespace', () => {
    expect(
      refusals(clusterRoleBindings, { metadata, roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'ServiceAccount', name: 'ci' }] }),
    ).toEqual(['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"', 'subjects[0].namespace: Required value'])
  })

  it('never binds another role', () => {
    const binding = created(roleBindings, { metadata, roleRef })
    expect(updateRefusals(roleBindings, binding, (next) => void (next.subjects = []))).toEqual([])
    expect(updateRefusals(roleBindings, binding, (next) => void (next.roleRef.name = 'admin'))).toEqual([
      `roleRef: Invalid value: {"apiGroup":"${group}","kind":"ClusterRole","name":"admin"}: cannot change roleRef`,
    ])
  })
})
