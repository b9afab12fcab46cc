import { describe, expect, it } from 'vitest'
import { type PersistentVolume, persistentVolumes } from './persistent-volume.ts'
import { type PersistentVolumeClaim, persistentVolumeClaims } from './persistent-volume-claim.ts'
import { created, refusals, row, updateRefusals, updated } from './rules/testing.ts'

const volume = (spec: object = {}, rest: object = {}) => ({
  metadata: { name: 'v' },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce', 'ReadOnlyMany'], hostPath: { path: '/d' }, ...spec },
  ...rest,
})
const onNode = {
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n1'] }] }] },
}

describe('a persistent volume', () => {
  it('gets the defaults of Kubernetes', () => {
    const { spec, status } = created(persistentVolumes, volume({}, { status: { phase: 'Bound' } }))
    expect(spec).toMatchObject({
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
    })
    expect(status).toEqual({ phase: 'Pending', lastPhaseTransitionTime: '2026-01-02T03:04:05Z' })
  })

  it.each<[string, object, string[]]>([
    ['no storage', { hostPath: undefined }, ['spec: Required value: must specify a volume type']],
    ['two storages', { nfs: { server: 's', path: '/' } }, ['spec.nfs: Forbidden: may not specify more than 1 volume type']],
    [
      'a storage that is not told',
      { hostPath: undefined, csi: {} },
      ['spec.csi.driver: Required value', 'spec.csi.volumeHandle: Required value'],
    ],
    ['a path that leads out', { hostPath: { path: '/a/../b' } }, ['spec.hostPath.path: Invalid value: "/a/../b": must not contain \'..\'']],
    [
      'a path of a server that is none',
      { hostPath: undefined, nfs: { server: 's', path: 'a' } },
      ['spec.nfs.path: Invalid value: "a": must be an absolute path'],
    ],
    [
      'a place that no initiator has, and a secret that is not named',
      { hostPath: undefined, iscsi: { targetPortal: '1.2.3.4', iqn: 'x', lun: 256, initiatorName: 'eui.1', secretRef: {} } },
      [
        'spec.iscsi.iqn: Invalid value: "x": must be valid format',
        'spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
        'spec.iscsi.secretRef.name: Required value',
        'spec.iscsi.initiatorname: Invalid value: "eui.1": must be valid format',
      ],
    ],
    [
      'a disk of both kinds of names',
      { hostPath: undefined, fc: { targetWWNs: ['a'], wwids: ['b'] } },
      [
        'spec.fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously',
        'spec.fc.lun: Required value: lun is required if targetWWNs is specified',
      ],
    ],
    [
      'a disk without a name, told as in Kubernetes',
      { hostPath: undefined, gcePersistentDisk: { pdName: '' } },
      ['spec.persistentDisk.pdName: Required value'],
    ],
    [
      'a second storage, told as in Kubernetes',
      { cephfs: { monitors: ['m'] } },
      ['spec.cephFS: Forbidden: may not specify more than 1 volume type'],
    ],
    ['what a second one lacks that is never counted', { flexVolume: { driver: '' } }, ['spec.flexVolume.driver: Required value']],
    [
      'names of secrets that cannot be',
      { hostPath: undefined, csi: { driver: 'd', volumeHandle: 'h', nodePublishSecretRef: { name: '-', namespace: 'a.b' } } },
      [
        expect.stringMatching(/^spec\.csi\.name: Invalid/) as unknown as string,
        expect.stringMatching(/^spec\.csi\.namespace: Invalid/) as unknown as string,
      ],
    ],
    [
      'a secret of no namespace',
      { hostPath: undefined, csi: { driver: 'd', volumeHandle: 'h', nodeStageSecretRef: { name: 's' } } },
      ['spec.csi.nodeStageSecretRef.namespace: Required value'],
    ],
    ['no access', { accessModes: [] }, ['spec.accessModes: Required value']],
    [
      'access that nobody knows, and for one pod among others',
      { accessModes: ['Some', 'ReadWriteOncePod'] },
      [
        'spec.accessModes: Unsupported value: "Some": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
        'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
      ],
    ],
    [
      'no room',
      { capacity: undefined },
      ['spec.capacity: Required value', 'spec.capacity: Unsupported value: null: supported values: "storage"'],
    ],
    ['room of nothing', { capacity: { storage: '0' } }, ['spec.capacity[storage]: Invalid value: "0": must be greater than zero']],
    [
      'another policy',
      { persistentVolumeReclaimPolicy: 'Keep' },
      ['spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Recycle", "Retain"'],
    ],
    [
      'a node that would be emptied',
      { hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' },
      ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
    ],
    [
      'a disk of no node',
      { hostPath: undefined, local: { path: '/mnt' } },
      ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
    ],
    [
      'nodes without terms',
      { nodeAffinity: { required: { nodeSelectorTerms: [] } } },
      ['spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term'],
    ],
    [
      'attributes that only a driver has',
      { volumeAttributesClassName: 'fast' },
      ['spec.csi: Required value: has to be specified when using volumeAttributesClassName'],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(persistentVolumes, volume(spec))).toEqual(expected)
  })

  it('stays where it is', () => {
    const before = created(persistentVolumes, volume({ hostPath: undefined, local: { path: '/mnt' }, nodeAffinity: onNode }))
    const change = (spec: object) => (object: PersistentVolume) => void Object.assign(object.spec, spec)
    expect(updateRefusals(persistentVolumes, before, change({ persistentVolumeReclaimPolicy: 'Delete', claimRef: { name: 'c' } }))).toEqual(
      [],
    )
    expect(updateRefusals(persistentVolumes, before, change({ local: { path: '/x' } }))).toEqual([
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
    ])
    expect(updateRefusals(persistentVolumes, before, change({ volumeMode: 'Block' }))).toEqual([
      'volumeMode: Invalid value: "Block": field is immutable',
    ])
    expect(updateRefusals(persistentVolumes, before, change({ nodeAffinity: { required: { nodeSelectorTerms: [{}] } } }))).toEqual([
      'nodeAffinity: Invalid value: {"required":{"nodeSelectorTerms":[{}]}}: field is immutable',
    ])
    const driver = { driver: 'd', volumeHandle: 'h' }
    const driven = created(persistentVolumes, volume({ hostPath: undefined, csi: driver }))
    const secret = { name: 's', namespace: 'n' }
    expect(updateRefusals(persistentVolumes, driven, change({ csi: { ...driver, controllerExpandSecretRef: secret } }))).toEqual([])
  })

  it('tells since when it is in its phase', () => {
    const before = {
      ...created(persistentVolumes, volume()),
      status: { phase: 'Pending', lastPhaseTransitionTime: '2020-01-01T00:00:00Z' },
    }
    const phase = (text: string) =>
      updated(persistentVolumes, before, (object) => void (object.status = { ...object.status, phase: text })).status
    expect(phase('Available')?.lastPhaseTransitionTime).toBe('2026-01-02T03:04:05Z')
    expect(phase('Pending')?.lastPhaseTransitionTime).toBe('2020-01-01T00:00:00Z')
  })

  it('is printed with its claim', () => {
    const object = created(persistentVolumes, volume({ claimRef: { name: 'c', namespace: 'n' }, storageClassName: 'fast' }))
    expect(row(persistentVolumes, object, { wide: true })).toEqual([
      ...['v', '1Gi', 'RWO,ROX', 'Retain', 'Pending', 'n/c', 'fast', '<unset>', '', undefined, 'Filesystem'],
    ])
  })
})

describe('a claim', () => {
  const claim = (spec: object = {}) => ({
    metadata: { name: 'c' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  })
  const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' }

  it('gets the defaults of Kubernetes', () => {
    const { spec, status } = created(persistentVolumeClaims, { ...claim({ dataSource: snapshot }), status: { phase: 'Bound' } })
    expect(spec).toMatchObject({ volumeMode: 'Filesystem', dataSourceRef: snapshot })
    expect(status).toEqual({ phase: 'Pending' })
    expect(created(persistentVolumeClaims, claim({ dataSourceRef: snapshot })).spec.dataSource).toEqual(snapshot)
  })

  it.each<[string, object, string[]]>([
    [
      'nothing asked for',
      { accessModes: undefined, resources: undefined },
      ['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value'],
    ],
    [
      'no storage',
      { resources: { requests: { storage: '0' } } },
      ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
    ],
    [
      'contents of another kind',
      { dataSource: { kind: 'ConfigMap', name: '' } },
      ['dataSource', 'dataSourceRef'].flatMap((name) => [
        `spec.${name}.name: Required value`,
        `spec.${name}: Invalid value: "ConfigMap": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
      ]),
    ],
    [
      'two contents',
      { dataSource: snapshot, dataSourceRef: { ...snapshot, name: 't' } },
      ['spec: Invalid value: "spec.dataSource": must match dataSourceRef'],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(persistentVolumeClaims, claim(spec))).toEqual(expected)
  })

  it('asks once, and for more when it is bound', () => {
    const pending = created(persistentVolumeClaims, claim())
    const bound = { ...pending, spec: { ...pending.spec, volumeName: 'v' }, status: { phase: 'Bound', capacity: { storage: '1Gi' } } }
    const change = (spec: object) => (object: PersistentVolumeClaim) => void Object.assign(object.spec, spec)
    const size = (storage: string) => change({ resources: { requests: { storage } } })
    const immutable =
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    expect(updateRefusals(persistentVolumeClaims, pending, change({ volumeName: 'v' }))).toEqual([])
    expect(updateRefusals(persistentVolumeClaims, pending, size('2Gi'))).toEqual([immutable])
    expect(updateRefusals(persistentVolumeClaims, bound, size('2Gi'))).toEqual([])
    expect(updateRefusals(persistentVolumeClaims, bound, change({ volumeName: 'w' }))).toEqual([immutable])
    expect(updateRefusals(persistentVolumeClaims, bound, change({ accessModes: ['ReadWriteMany'] }))).toEqual([immutable])
    expect(updateRefusals(persistentVolumeClaims, bound, size('512Mi'))).toEqual([
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    ])
    const classed = { ...bound, spec: { ...bound.spec, volumeAttributesClassName: 'fast' } }
    expect(updateRefusals(persistentVolumeClaims, classed, ({ spec }) => void delete spec.volumeAttributesClassName)).toEqual([
      'spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden',
    ])
  })

  it('is printed with its volume', () => {
    const object = created(persistentVolumeClaims, claim({ storageClassName: 'fast' }))
    expect(row(persistentVolumeClaims, object)).toEqual(['c', 'Pending', '', '', '', 'fast', '<unset>', undefined])
    object.spec.volumeName = 'v'
    object.status = { phase: 'Bound', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOncePod'] }
    expect(row(persistentVolumeClaims, object, { wide: true })).toEqual([
      ...['c', 'Bound', 'v', '2Gi', 'RWOP', 'fast', '<unset>', undefined, 'Filesystem'],
    ])
  })
})
