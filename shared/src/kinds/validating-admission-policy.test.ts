import { describe, expect, it } from 'vitest'
import { created, refusals, row } from './rules/testing.ts'
import { validatingAdmissionPolicies } from './validating-admission-policy.ts'
import { validatingAdmissionPolicyBindings } from './validating-admission-policy-binding.ts'

const metadata = { name: 'small' }
const rule = { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }
const spec = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'object.spec.replicas <= 5' }] }

describe('a ValidatingAdmissionPolicy', () => {
  it('has defaults', () => {
    const policy = created(validatingAdmissionPolicies, { metadata, spec: { ...spec, paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } } })
    expect(policy).toMatchObject({
      metadata: { generation: 1 },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          matchPolicy: 'Equivalent',
          namespaceSelector: {},
          objectSelector: {},
          resourceRules: [{ ...rule, scope: '*' }],
        },
      },
    })
    expect(row(validatingAdmissionPolicies, policy)).toEqual(['small', 1, 'v1/ConfigMap', undefined])
  })

  it.each<[object, readonly unknown[]]>([
    [{}, []],
    [{ matchConstraints: undefined }, ['spec.matchConstraints: Required value']],
    [{ matchConstraints: {} }, ['spec.matchConstraints.resourceRules: Required value']],
    [
      { matchConstraints: { resourceRules: [{ ...rule, resourceNames: ['a', 'a', 'b/c'] }] } },
      [
        'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"',
        `spec.matchConstraints.resourceRules[0].resourceNames[2]: Invalid value: "b/c": may not contain '/'`,
      ],
    ],
    [
      { validations: undefined },
      ['validations', 'auditAnnotations'].map(
        (field) => `spec.${field}: Required value: validations or auditAnnotations must contain at least one item`,
      ),
    ],
    [
      {
        validations: [
          { expression: ' ', message: ' ', messageExpression: ' ' },
          { expression: 'true', message: 'a\nb' },
        ],
      },
      [
        'spec.validations[0].expression: Required value: expression is not specified',
        'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
        'spec.validations[0].message: Invalid value: " ": message must be non-empty if specified',
        'spec.validations[1].message: Invalid value: "a\\nb": message must not contain line breaks',
      ],
    ],
    [
      {
        variables: [
          { name: '', expression: '' },
          { name: 'for', expression: 'true' },
          { name: 'a1', expression: 'true' },
        ],
      },
      [
        'spec.variables[0].name: Required value: name is not specified',
        'spec.variables[0].expression: Required value: expression is not specified',
        'spec.variables[1].name: Invalid value: "for": name is not a valid CEL identifier',
      ],
    ],
    [
      {
        auditAnnotations: [
          { key: 'k', valueExpression: '' },
          { key: 'k', valueExpression: 'x'.repeat(5121) },
        ],
      },
      [
        'spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified',
        'spec.auditAnnotations[1].valueExpression: Required value: must not exceed 5120 bytes in length',
        'spec.auditAnnotations[1].key: Duplicate value: "k"',
      ],
    ],
    [{ paramKind: {} }, ['spec.paramKind.apiVersion: Required value', 'spec.paramKind.kind: Required value']],
    [
      { paramKind: { apiVersion: 'a/b/c', kind: 'x y' } },
      [
        'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        expect.stringContaining(
          'spec.paramKind.kind: Invalid value: "x y": may have mixed case, but should otherwise match: a DNS-1035 label',
        ),
      ],
    ],
  ])('%# is told what is wrong', (change, errors) => {
    expect(refusals(validatingAdmissionPolicies, { metadata, spec: { ...spec, ...change } })).toEqual(errors)
  })
})

describe('a ValidatingAdmissionPolicyBinding', () => {
  const params = { name: 'limits', parameterNotFoundAction: 'Deny' }
  const binding = { policyName: 'small', validationActions: ['Deny'] }

  it('is printed with its policy and parameters', () => {
    const shown = (more: object) =>
      row(validatingAdmissionPolicyBindings, created(validatingAdmissionPolicyBindings, { metadata, spec: { ...binding, ...more } })).slice(
        1,
        3,
      )
    expect(shown({})).toEqual(['small', '<unset>'])
    expect(shown({ paramRef: params })).toEqual(['small', '*/limits'])
    expect(shown({ paramRef: { ...params, namespace: 'a' } })).toEqual(['small', 'a/limits'])
  })

  it.each<[object, readonly unknown[]]>([
    [{}, []],
    [
      { policyName: undefined, validationActions: undefined },
      ['spec.policyName: Required value', 'spec.validationActions: Required value: at least one validation action is required'],
    ],
    [
      { validationActions: ['Deny', 'Warn', 'Deny'] },
      [
        'spec.validationActions[2]: Duplicate value: "Deny"',
        expect.stringContaining('spec.validationActions: Invalid value: ["Deny","Warn","Deny"]: must not contain both Deny and Warn'),
      ],
    ],
    [
      { paramRef: {} },
      ['spec.paramRef: Required value: one of name or selector must be specified', 'spec.paramRef.parameterNotFoundAction: Required value'],
    ],
    [
      { paramRef: { ...params, selector: {} } },
      ['name', 'selector'].map((field) => `spec.paramRef.${field}: Forbidden: name and selector are mutually exclusive`),
    ],
    [
      { matchResources: { objectSelector: { matchLabels: { 'a b': '' } } } },
      [expect.stringContaining('spec.matchResouces.objectSelector.matchLabels: Invalid value: "a b"')],
    ],
  ])('%# is told what is wrong', (change, errors) => {
    expect(refusals(validatingAdmissionPolicyBindings, { metadata, spec: { ...binding, ...change } })).toEqual(errors)
  })
})
