import { describe, expect, it } from 'vitest'
import { type Deployment, deployments } from './deployment.ts'
import { replicaSets } from './replica-set.ts'
import { created, refusals, row, updateRefusals, updated } from './rules/testing.ts'

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'busybox:1' }] } }
const deployment = (spec: object = {}) => ({
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, template, ...spec },
})

describe('a deployment', () => {
  it('gets the defaults of Kubernetes and no status of its sender', () => {
    const { spec, metadata, status } = created(deployments, { ...deployment(), status: { replicas: 7 } })
    expect(spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    })
    expect(spec.template.spec.restartPolicy).toBe('Always')
    expect(metadata.generation).toBe(1)
    expect(status).toBeUndefined()
  })

  it('keeps what was said of its strategy and fills in the rest', () => {
    expect(created(deployments, deployment({ strategy: { rollingUpdate: { maxSurge: 1 } } })).spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 1, maxUnavailable: '25%' },
    })
    expect(created(deployments, deployment({ strategy: { type: 'Recreate' } })).spec.strategy).toEqual({ type: 'Recreate' })
  })

  it.each<[string, object, string]>([
    ['negative replicas', { replicas: -1 }, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [
      'a selector that does not find its own pods',
      { selector: { matchLabels: { app: 'db' } } },
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    ['an empty selector', { selector: {} }, 'spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    [
      'pods that end',
      { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      'a rolling update that can do nothing',
      { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
    ],
    [
      'more than all unavailable',
      { strategy: { rollingUpdate: { maxUnavailable: '101%' } } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
    [
      'steps of a recreation',
      { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      'a deadline before the pods count',
      { minReadySeconds: 600 },
      'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
    ],
    [
      'a bad pod in its template',
      { template: { ...template, spec: { containers: [{ name: 'A', image: 'b' }] } } },
      'spec.template.spec.containers[0].name: Invalid value: "A": a lowercase RFC 1123 label must consist of',
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    const found = refusals(deployments, deployment(spec))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(expected)
  })

  it('may change all but its selector', () => {
    const before = created(deployments, deployment())
    const select = (app: string) => (object: Deployment) => {
      object.spec.selector = { matchLabels: { app } }
      object.spec.template.metadata = { labels: { app } }
    }
    expect(updateRefusals(deployments, before, select('db'))).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"db"}}: field is immutable',
    ])
    expect(updateRefusals(deployments, before, (o) => Object.assign(o.spec, { replicas: 0 }))).toEqual([])
    expect(updated(deployments, before, (o) => Object.assign(o.spec, { replicas: 0 })).metadata.generation).toBe(2)
    expect(updated(deployments, before, () => undefined).metadata.generation).toBe(1)
  })

  it('is printed with its counts', () => {
    const object = created(deployments, deployment({ replicas: 3 }))
    object.status = { replicas: 3, readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2 }
    expect(row(deployments, object, { wide: true })).toEqual(['web', '2/3', 1, 2, undefined, 'app', 'busybox:1', 'app=web'])
  })
})

describe('a replica set', () => {
  it('starts with no pods and is held to its selector', () => {
    const object = created(replicaSets, deployment({ replicas: 2 }))
    expect(object.status).toEqual({ replicas: 0 })
    expect(row(replicaSets, object)).toEqual(['web', 2, 0, 0, undefined])
    expect(refusals(replicaSets, deployment({ selector: { matchLabels: { app: 'db' } } }))).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ])
  })
})
