import { type ValidatingAdmissionPolicy, validatingAdmissionPolicies } from '@bramble/shared/kinds/validating-admission-policy.ts'
import { expect, it } from 'vitest'
import { policy } from '../../apiserver/testing/admission-policy.ts'
import { startTestHub, until } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = { clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16', hubAddresses: () => [], hubPort: 6443, rootCa: 'ca' }
const deployments = { operations: ['*'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments', 'replicasets'] }
const pods = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }

it('the author of a policy is told what the types of its objects say against its expressions', async () => {
  await using hub = await startTestHub()
  const { client } = hub
  hub.start(controllersOf(hub, { config }))
  const make = (name: string, spec: object) => client.create(validatingAdmissionPolicies, policy(name, spec) as ValidatingAdmissionPolicy)
  const status = (name: string, generation = 1) =>
    until(`${name} is looked at`, async () => {
      const { status } = await client.get(validatingAdmissionPolicies, { name })
      return status?.observedGeneration === generation ? status : undefined
    })
  await make('odd', {
    matchConstraints: { resourceRules: [deployments, pods] },
    variables: [{ name: 'labels', expression: 'object.metadata.labels' }],
    validations: [
      { expression: "object.spec.replicas <= 5 && variables.labels['a'] == 'b'" },
      { expression: "object.metadata.namespace != 'x' && object.kind != ''", messageExpression: "'' + object.spec.nothing" },
    ],
  })
  expect((await status('odd')).typeChecking?.expressionWarnings).toEqual([
    {
      fieldRef: 'spec.validations[0].expression',
      warning: `/v1, Kind=Pod: ERROR: <input>:1:12: undefined field 'replicas'\n | object.spec.replicas <= 5 && variables.labels['a'] == 'b'\n | ...........^\n`,
    },
    {
      fieldRef: 'spec.validations[1].messageExpression',
      warning: ['/v1, Kind=Pod', 'apps/v1, Kind=Deployment', 'apps/v1, Kind=ReplicaSet']
        .map((name) => `${name}: ERROR: <input>:1:17: undefined field 'nothing'\n | '' + object.spec.nothing\n | ................^\n`)
        .join(''),
    },
  ])
  await make('sound', { matchConstraints: { resourceRules: [deployments] }, validations: [{ expression: 'object.spec.replicas <= 5' }] })
  expect(await status('sound')).toEqual({ observedGeneration: 1, typeChecking: {} })
  await make('any', {
    matchConstraints: { resourceRules: [{ ...pods, apiGroups: ['*'] }] },
    validations: [{ expression: 'object.nothing == 1' }],
  })
  expect(await status('any')).toEqual({ observedGeneration: 1, typeChecking: {} })
})
