import { decideBy } from '@bramble/hub/apiserver/admission/policies/decide.ts'
import { policyOf } from '@bramble/hub/apiserver/admission/policies/policies.ts'
import type { View } from '@bramble/hub/apiserver/admission/matching/scene.ts'
import { plainValueOf } from '@bramble/shared/cel/plain-values.ts'
import { deployments } from '@bramble/shared/kinds/deployment.ts'
import { validatingAdmissionPolicies } from '@bramble/shared/kinds/validating-admission-policy.ts'
import { defineFigure, median } from '../figure.ts'

/** Such as clusters have them: about labels, images, resources, names. */
const rules = [
  'object.spec.replicas <= 50',
  "has(object.metadata.labels) && 'app' in object.metadata.labels",
  "object.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
  "object.spec.template.spec.containers.all(c, c.image.startsWith('registry.example.com/'))",
  "object.spec.template.spec.containers.all(c, !c.image.endsWith(':latest'))",
  'object.spec.template.spec.containers.all(c, has(c.resources.limits) && has(c.resources.limits.memory))',
  "object.spec.template.spec.containers.all(c, quantity(c.resources.limits.memory).compareTo(quantity('2Gi')) <= 0)",
  '!has(object.spec.template.spec.hostNetwork) || !object.spec.template.spec.hostNetwork',
  "request.userInfo.username.startsWith('system:') || object.metadata.labels.app == object.spec.selector.matchLabels.app",
  'variables.names.all(n, size(n) < 64)',
]

const container = (name: string) => ({
  ...{ name, image: `registry.example.com/${name}:1.2.3`, ports: [{ containerPort: 8080 }] },
  resources: { limits: { memory: '256Mi', cpu: '500m' }, requests: { memory: '128Mi' } },
})
const labels = { app: 'web' }
const object = {
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default', labels } },
  spec: {
    ...{ replicas: 3, selector: { matchLabels: labels } },
    template: { metadata: { labels }, spec: { containers: ['web', 'proxy', 'metrics'].map(container) } },
  },
}
const request = { operation: 'CREATE', userInfo: { username: 'bench', groups: ['system:authenticated'] } }

/** As each request brings it: nothing of it is known from before. */
function viewOf(): View {
  const values = new Map([
    ['object', plainValueOf(object)],
    ['request', plainValueOf(request)],
  ])
  return { version: deployments, object, oldObject: undefined, valueOf: (name) => values.get(name) }
}

const rounds = 50
const perRound = 200

/** A policy of ten rules, decided about a Deployment of three containers. */
export const policyRules = defineFigure('policy-rules', async () => {
  const parsed = validatingAdmissionPolicies.parse({
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: 'bench' } },
    spec: {
      variables: [{ name: 'names', expression: 'object.spec.template.spec.containers.map(c, c.name)' }],
      validations: rules.map((expression) => ({ expression })),
    },
  })
  if (!parsed.ok) throw parsed.error
  const policy = policyOf(parsed.object)
  const took: number[] = []
  for (let round = 0; round < rounds; round++) {
    const from = performance.now()
    for (let i = 0; i < perRound; i++) {
      const { failures } = await decideBy(policy, viewOf(), null)
      if (failures.length > 0) throw new Error(failures[0]?.message)
    }
    took.push(((performance.now() - from) / perRound) * 1000)
  }
  return [{ figure: 'ten CEL rules about a Deployment', value: median(took), unit: 'µs', aim: '≤ 100 µs' }]
})
