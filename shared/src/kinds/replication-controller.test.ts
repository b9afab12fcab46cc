import { describe, expect, it } from 'vitest'
import { podTemplates } from './pod-template.ts'
import { replicationControllers } from './replication-controller.ts'
import { created, refusals, row, updateRefusals, updated } from './rules/testing.ts'

const template = (spec: object = {}) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image: 'busybox:1' }], ...spec },
})

describe('a replication controller', () => {
  const controller = (spec: object = {}) => ({ metadata: { name: 'web' }, spec: { template: template(), ...spec } })

  it('has the labels of its pods where it says none', () => {
    const { metadata, spec, status } = created(replicationControllers, { ...controller(), status: { replicas: 7 } })
    expect(spec).toMatchObject({ replicas: 1, selector: { app: 'web' } })
    expect(metadata).toMatchObject({ labels: { app: 'web' }, generation: 1 })
    expect(status).toEqual({ replicas: 0 })
  })

  it.each<[string, object, string[]]>([
    ['nothing to run', { template: undefined }, ['spec.selector: Required value', 'spec.template: Required value']],
    [
      'a selector that does not find its own pods',
      { selector: { app: 'db' } },
      ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    ],
    [
      'negative numbers',
      { replicas: -1, minReadySeconds: -2 },
      [
        'spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    [
      'pods that end',
      { template: template({ restartPolicy: 'Never', activeDeadlineSeconds: 3 }) },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
      ],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(replicationControllers, controller(spec))).toEqual(expected)
  })

  it('tells numbers that can be, and is printed with them', () => {
    const object = created(replicationControllers, controller({ replicas: 3 }))
    const status = { replicas: 2, readyReplicas: 1, availableReplicas: 2 }
    expect(updateRefusals(replicationControllers, object, (next) => void (next.status = status))).toEqual([
      'status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas',
    ])
    object.status = { replicas: 2, readyReplicas: 1 }
    expect(row(replicationControllers, object, { wide: true })).toEqual(['web', 3, 2, 1, undefined, 'app', 'busybox:1', 'app=web'])
  })
})

describe('a pod template', () => {
  const podTemplate = (spec: object = {}) => ({ metadata: { name: 'web' }, template: template(spec) })

  it('is held to the rules of pods, counted and printed', () => {
    expect(refusals(podTemplates, podTemplate({ containers: [{ name: 'A', image: 'b' }] }))).toEqual([
      expect.stringMatching(/^template\.spec\.containers\[0\]\.name: Invalid value: "A"/),
    ])
    expect(refusals(podTemplates, podTemplate({ restartPolicy: 'Never' }))).toEqual([])
    const object = created(podTemplates, podTemplate())
    expect(object.template.spec.restartPolicy).toBe('Always')
    expect(updated(podTemplates, object, ({ template: { spec } }) => void (spec.hostNetwork = true)).metadata.generation).toBe(2)
    expect(row(podTemplates, object)).toEqual(['web', 'app', 'busybox:1', 'app=web'])
  })
})
