import { describe, expect, it } from 'vitest'
import { controllerRevisions } from './controller-revision.ts'
import { created, refusals, row, updateRefusals, updated } from './rules/testing.ts'
import { type StatefulSet, statefulSets } from './stateful-set.ts'

const template = (spec: object = {}) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image: 'busybox:1' }], ...spec },
})
const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
const statefulSet = (spec: object = {}) => ({
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, serviceName: 'web', template: template(), ...spec },
})

describe('a stateful set', () => {
  it('gets the defaults of Kubernetes and no status of its sender', () => {
    const object = created(statefulSets, { ...statefulSet({ volumeClaimTemplates: [claim] }), status: { replicas: 7 } })
    expect(object.spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [
        { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } },
      ],
    })
    expect(object.status).toEqual({ replicas: 0, availableReplicas: 0 })
    expect(object.metadata.generation).toBe(1)
  })

  it('mounts the claims of its pods', () => {
    const mount = { containers: [{ name: 'app', image: 'b', volumeMounts: [{ name: 'data', mountPath: '/d' }] }] }
    expect(refusals(statefulSets, statefulSet({ template: template(mount), volumeClaimTemplates: [claim] }))).toEqual([])
    expect(refusals(statefulSets, statefulSet({ template: template(mount) }))).toEqual([
      'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"',
    ])
  })

  it.each<[string, object, string[]]>([
    ['an empty selector', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset']],
    [
      'a selector that does not find its own pods',
      { selector: { matchLabels: { app: 'db' } } },
      ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    ],
    [
      'another order',
      { podManagementPolicy: 'Random' },
      [`spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'`],
    ],
    [
      'another strategy',
      { updateStrategy: { type: 'Recreate' } },
      [`spec.updateStrategy: Invalid value: {"type":"Recreate"}: must be 'RollingUpdate' or 'OnDelete'`],
    ],
    [
      'steps that nobody takes',
      { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
      [
        `spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1,"maxUnavailable":1}: only allowed for updateStrategy 'RollingUpdate'`,
      ],
    ],
    [
      'steps of nothing',
      { updateStrategy: { rollingUpdate: { partition: -1, maxUnavailable: 0 } } },
      [
        'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
        'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
      ],
    ],
    [
      'negative numbers',
      { replicas: -1, minReadySeconds: -1, ordinals: { start: -1 } },
      ['spec.replicas', 'spec.minReadySeconds', 'spec.ordinals.start'].map(
        (field) => `${field}: Invalid value: -1: must be greater than or equal to 0`,
      ),
    ],
    [
      'pods that end',
      { template: template({ restartPolicy: 'OnFailure', activeDeadlineSeconds: 3 }) },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
      ],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(statefulSets, statefulSet(spec))).toEqual(expected)
  })

  it('may change what does not decide which pods and claims there are', () => {
    const before = created(statefulSets, statefulSet())
    const change = (spec: object) => (object: StatefulSet) => void Object.assign(object.spec, spec)
    for (const spec of [{ replicas: 3 }, { minReadySeconds: 1 }, { revisionHistoryLimit: 2 }, { ordinals: { start: 5 } }])
      expect(updateRefusals(statefulSets, before, change(spec))).toEqual([])
    expect(updated(statefulSets, before, change({ replicas: 3 })).metadata.generation).toBe(2)
    for (const spec of [{ serviceName: 'other' }, { volumeClaimTemplates: [claim] }, { podManagementPolicy: 'Parallel' }])
      expect(updateRefusals(statefulSets, before, change(spec))).toEqual([
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ])
  })

  it('tells numbers that can be', () => {
    const before = created(statefulSets, statefulSet())
    const status = { replicas: 1, readyReplicas: 2, availableReplicas: 3 }
    expect(updateRefusals(statefulSets, before, (object) => void (object.status = status))).toEqual([
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.readyReplicas',
    ])
  })

  it('warns of a history without end, and is printed', () => {
    const object = created(statefulSets, statefulSet({ revisionHistoryLimit: -1 }))
    expect(statefulSets.warnings?.(object)).toEqual([
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
    ])
    expect(row(statefulSets, object, { wide: true })).toEqual(['web', '0/1', undefined, 'app', 'busybox:1'])
  })
})

describe('a controller revision', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true }
  const revision = (rest: object = {}) => ({
    metadata: { name: 'web-1', ownerReferences: [owner] },
    data: { spec: {} },
    revision: 1,
    ...rest,
  })

  it('has data that never changes, and a number', () => {
    expect(refusals(controllerRevisions, revision({ data: undefined, revision: -1 }))).toEqual([
      'data: Required value: data is mandatory',
      'revision: Invalid value: -1: must be greater than or equal to 0',
    ])
    const before = created(controllerRevisions, revision())
    expect(updateRefusals(controllerRevisions, before, (object) => void (object.revision = 2))).toEqual([])
    expect(updateRefusals(controllerRevisions, before, (object) => void (object.data = { spec: { a: 1 } }))).toEqual([
      'data: Invalid value: {"spec":{"a":1}}: field is immutable',
    ])
  })

  it('is printed with its owner', () => {
    expect(row(controllerRevisions, created(controllerRevisions, revision()))).toEqual(['web-1', 'statefulset.apps/web', '1', undefined])
    expect(row(controllerRevisions, created(controllerRevisions, { metadata: { name: 'x' }, data: {} }))).toEqual([
      'x',
      '<none>',
      '0',
      undefined,
    ])
  })
})
