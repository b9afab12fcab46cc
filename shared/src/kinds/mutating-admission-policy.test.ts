import { describe, expect, it } from 'vitest'
import { mutatingAdmissionPolicyBindings } from './mutating-admission-policy-binding.ts'
import { mutatingAdmissionPolicies } from './mutating-admission-policy.ts'
import { created, refusals, row } from './rules/testing.ts'

const metadata = { name: 'mesh' }
const rule = { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }
const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } })
const spec = { matchConstraints: { resourceRules: [rule] }, mutations: [apply('Object{}')], reinvocationPolicy: 'Never' }

describe('a MutatingAdmissionPolicy', () => {
  it('has defaults, and none for whether it is asked again', () => {
    const policy = created(mutatingAdmissionPolicies, { metadata, spec: { ...spec, paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } } })
    expect(policy).toMatchObject({
      metadata: { generation: 1 },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          ...{ matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, resourceRules: [{ ...rule, scope: '*' }] },
        },
      },
    })
    expect(row(mutatingAdmissionPolicies, policy)).toEqual(['mesh', 1, 'v1/ConfigMap', undefined])
  })

  it.each<[object, readonly unknown[]]>([
    [{}, []],
    [
      { matchConstraints: undefined, mutations: undefined, reinvocationPolicy: undefined },
      [
        'spec.matchConstraints: Required value',
        'spec.mutations: Required value: mutations must contain at least one item',
        'spec.reinvocationPolicy: Required value',
      ],
    ],
    [
      { matchConstraints: { resourceRules: [{ ...rule, operations: ['CREATE', 'DELETE'] }] } },
      ['spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"'],
    ],
    [
      { mutations: [{}, { patchType: 'JSONPatch' }, { patchType: 'ApplyConfiguration', applyConfiguration: {} }] },
      [
        'spec.mutations[0].patchType: Required value',
        'spec.mutations[1].jsonPatch: Required value: must be specified when patchType is JSONPatch',
        'spec.mutations[2].applyConfiguration.expression: Required value',
      ],
    ],
    [
      { mutations: [{ ...patch('[JSONPatch{}]'), ...apply('Object{}') }] },
      ['spec.mutations[0].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration'],
    ],
    [
      { mutations: [apply('"I am a teapot"'), apply('Object.spec.metadata{}'), patch('[]'), patch('[Object{}]')] },
      [
        'spec.mutations[0].applyConfiguration.expression: Invalid value: "\\"I am a teapot\\"": must evaluate to Object but got string',
        'spec.mutations[1].applyConfiguration.expression: Invalid value: "Object.spec.metadata{}": must evaluate to Object but got Object.spec.metadata',
        'spec.mutations[2].jsonPatch.expression: Invalid value: "[]": must evaluate to list(JSONPatch) but got list(dyn)',
        'spec.mutations[3].jsonPatch.expression: Invalid value: "[Object{}]": must evaluate to list(JSONPatch) but got list(Object)',
      ],
    ],
    [
      { variables: [{ name: 'a', expression: 'Object{}' }], mutations: [apply('Object{a: variables.b, c: params}')] },
      [
        expect.stringContaining(
          'spec.variables[0].expression: Invalid value: "Object{}": compilation failed: ERROR: <input>:1:7: undeclared reference to \'Object\'',
        ),
        expect.stringMatching(/undefined field 'b'.*undeclared reference to 'params'/s),
      ],
    ],
    [
      { matchConditions: [{ name: 'a', expression: 'Object{} == object' }] },
      [expect.stringContaining('spec.matchConditions[0].expression: Invalid value')],
    ],
    [{ paramKind: {} }, ['spec.paramKind.apiVersion: Required value', 'spec.paramKind.kind: Required value']],
  ])('%# is told what is wrong', (change, errors) => {
    expect(refusals(mutatingAdmissionPolicies, { metadata, spec: { ...spec, ...change } })).toEqual(errors)
  })
})

describe('a MutatingAdmissionPolicyBinding', () => {
  const params = { name: 'limits', namespace: 'a', parameterNotFoundAction: 'Deny' }

  it('is printed with its policy and parameters', () => {
    const binding = created(mutatingAdmissionPolicyBindings, { metadata, spec: { policyName: 'mesh', paramRef: params } })
    expect(row(mutatingAdmissionPolicyBindings, binding).slice(0, 3)).toEqual(['mesh', 'mesh', 'a/limits'])
  })

  it.each<[object, readonly unknown[]]>([
    [{}, []],
    [{ policyName: undefined }, ['spec.policyName: Required value']],
    [
      { paramRef: { ...params, selector: {} } },
      ['name', 'selector'].map((field) => `spec.paramRef.${field}: Forbidden: name and selector are mutually exclusive`),
    ],
    [
      { matchResources: { resourceRules: [{ ...rule, operations: ['DELETE'] }], objectSelector: { matchLabels: { 'a b': '' } } } },
      [
        expect.stringContaining('spec.matchResources.objectSelector.matchLabels: Invalid value: "a b"'),
        expect.stringContaining('spec.matchResources.resourceRules.operations: Unsupported value: "DELETE"'),
      ],
    ],
  ])('%# is told what is wrong', (change, errors) => {
    expect(refusals(mutatingAdmissionPolicyBindings, { metadata, spec: { policyName: 'mesh', ...change } })).toEqual(errors)
  })
})
