import { describe, expect, it } from 'vitest'
import { type DaemonSet, daemonSets } from './daemon-set.ts'
import { created, refusals, row, updateRefusals, updated } from './rules/testing.ts'

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'busybox:1' }] } }
const daemonSet = (spec: object = {}) => ({
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, template, ...spec },
})

describe('a daemon set', () => {
  it('gets the defaults of Kubernetes and no status of its sender', () => {
    const { spec, metadata, status } = created(daemonSets, { ...daemonSet(), status: { numberReady: 7 } })
    expect(spec).toMatchObject({
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    })
    expect(metadata).toMatchObject({ generation: 1, annotations: { 'deprecated.daemonset.template.generation': '1' } })
    expect(status).toEqual({ currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 })
    expect(created(daemonSets, daemonSet({ updateStrategy: { type: 'OnDelete' } })).spec.updateStrategy).toEqual({ type: 'OnDelete' })
  })

  it.each<[string, object, string[]]>([
    ['an empty selector', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset']],
    [
      'a selector that does not find its own pods',
      { selector: { matchLabels: { app: 'db' } } },
      ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    ],
    [
      'pods that end',
      { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never', activeDeadlineSeconds: 3 } } },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
      ],
    ],
    [
      'steps both ways',
      { updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: '10%' } } },
      ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "10%": may not be set when maxUnavailable is non-zero'],
    ],
    [
      'steps of nothing',
      { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
      ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
    ],
    [
      'more than all',
      { updateStrategy: { rollingUpdate: { maxUnavailable: '101%' } } },
      ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
    ],
    [
      'another strategy',
      { updateStrategy: { type: 'Recreate' } },
      ['spec.updateStrategy: Unsupported value: {"type":"Recreate"}: supported values: "RollingUpdate", "OnDelete"'],
    ],
    [
      'negative numbers',
      { minReadySeconds: -1, revisionHistoryLimit: -1 },
      [
        'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
        'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(daemonSets, daemonSet(spec))).toEqual(expected)
  })

  it('counts its templates and keeps its selector', () => {
    const before = created(daemonSets, daemonSet())
    const image = (object: DaemonSet) => void Object.assign(object.spec.template.spec.containers[0] ?? {}, { image: 'busybox:2' })
    const { metadata } = updated(daemonSets, before, image)
    expect(metadata).toMatchObject({ generation: 2, annotations: { 'deprecated.daemonset.template.generation': '2' } })
    const wait = updated(daemonSets, before, ({ spec }) => void (spec.minReadySeconds = 3))
    expect(wait.metadata).toMatchObject({ generation: 2, annotations: { 'deprecated.daemonset.template.generation': '1' } })
    const select = ({ spec }: DaemonSet) => {
      spec.selector = { matchLabels: { app: 'db' } }
      spec.template.metadata = { labels: { app: 'db' } }
    }
    expect(updateRefusals(daemonSets, before, select)).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"db"}}: field is immutable',
    ])
  })

  it('tells numbers that can be', () => {
    const before = { ...created(daemonSets, daemonSet()) }
    before.status = { ...before.status, numberReady: 1, collisionCount: 2 } as DaemonSet['status']
    expect(
      updateRefusals(daemonSets, before, ({ status }) => void Object.assign(status ?? {}, { numberReady: -1, collisionCount: 1 })),
    ).toEqual([
      'status.numberReady: Invalid value: -1: must be greater than or equal to 0',
      'status.collisionCount: Invalid value: 1: cannot be decremented',
    ])
  })

  it('is printed with its counts', () => {
    const nodeSelector = { disk: 'ssd', arch: 'arm64' }
    const object = created(daemonSets, daemonSet({ template: { ...template, spec: { ...template.spec, nodeSelector } } }))
    object.status = { desiredNumberScheduled: 3, currentNumberScheduled: 2, numberReady: 1, numberMisscheduled: 0, numberAvailable: 1 }
    const short = ['web', 3, 2, 1, 0, 1, 'arch=arm64,disk=ssd', undefined]
    expect(row(daemonSets, object, { wide: true })).toEqual([...short, 'app', 'busybox:1', 'app=web'])
    expect(row(daemonSets, created(daemonSets, daemonSet()))).toEqual(['web', 0, 0, 0, 0, 0, '<none>', undefined])
  })
})
