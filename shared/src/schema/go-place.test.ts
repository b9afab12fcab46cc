import { expect, it } from 'vitest'
import { deployments } from '../kinds/deployment.ts'
import { secrets } from '../kinds/secret.ts'
import { goPlace } from './go-place.ts'

const container = ['spec', 'template', 'spec', 'containers', 0]

it.each([
  [['metadata', 'labels'], 'Go struct field ObjectMeta.metadata.labels of type map[string]string'],
  [['metadata', 'labels', 'a'], 'Go struct field ObjectMeta.metadata.labels of type string'],
  [['spec'], 'Go struct field Deployment.spec of type v1.DeploymentSpec'],
  [['spec', 'replicas'], 'Go struct field DeploymentSpec.spec.replicas of type int32'],
  [['spec', 'template', 'spec', 'containers'], 'Go struct field PodSpec.spec.template.spec.containers of type []v1.Container'],
  [container, 'Go struct field PodSpec.spec.template.spec.containers of type v1.Container'],
  [[...container, 'env', 1, 'value'], 'Go struct field EnvVar.spec.template.spec.containers.env.value of type string'],
  [
    [...container, 'resources', 'limits'],
    'Go struct field ResourceRequirements.spec.template.spec.containers.resources.limits of type v1.ResourceList',
  ],
  [['spec', 'selector'], 'Go struct field DeploymentSpec.spec.selector of type v1.LabelSelector'],
  [[], 'Go value of type v1.Deployment'],
])('%j is named as Go names it', (path, named) => {
  expect(goPlace(deployments.node, path)).toBe(named)
})

it('bytes are what Go calls them', () => {
  expect(goPlace(secrets.node, ['data'])).toBe('Go struct field Secret.data of type map[string][]uint8')
})
