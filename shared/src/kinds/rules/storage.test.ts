import { describe, expect, it } from 'vitest'
import { csiDrivers } from '../csi-driver.ts'
import { csiNodes } from '../csi-node.ts'
import { csiStorageCapacities } from '../csi-storage-capacity.ts'
import { storageClasses } from '../storage-class.ts'
import { volumeAttachments } from '../volume-attachment.ts'
import { volumeAttributesClasses } from '../volume-attributes-class.ts'
import { created, refusals, row, updateRefusals } from './testing.ts'

const metadata = { name: 'fast' }

describe('a StorageClass', () => {
  const of = (more: object = {}) => ({ metadata, provisioner: 'example.com/nfs', ...more })

  it('has defaults, and says in its name whether it is the default', () => {
    const plain = created(storageClasses, of())
    expect(plain).toMatchObject({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' })
    expect(row(storageClasses, plain)).toEqual(['fast', 'example.com/nfs', 'Delete', 'Immediate', false, undefined])
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    expect(row(storageClasses, created(storageClasses, of({ metadata: { ...metadata, annotations } })))[0]).toBe('fast (default)')
  })

  it.each([
    [{ provisioner: '' }, ['provisioner: Required value']],
    [{ provisioner: 'Example.COM/nfs' }, []],
    [{ provisioner: '/nfs' }, ['provisioner: Invalid value: "/nfs": prefix part must be non-empty']],
    [{ parameters: { '': 'x' } }, ['parameters: Invalid value: "": field can not be empty.']],
    [{ parameters: { a: 'x'.repeat(262_144) } }, ['parameters: Too long: may not be more than 262144 bytes']],
    [
      { parameters: Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`a${i}`, ''])) },
      ['parameters: Too long: may not be more than 512 bytes'],
    ],
    [
      {
        allowedTopologies: [
          { matchLabelExpressions: [{ key: 'zone', values: ['a', 'a'] }] },
          { matchLabelExpressions: [{ key: 'zone', values: ['a'] }] },
          {
            matchLabelExpressions: [
              { key: '', values: [] },
              { key: 'k', values: ['1'] },
              { key: 'k', values: ['2'] },
            ],
          },
        ],
      },
      [
        'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
        'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
        'allowedTopologies[2].matchLabelExpressions[0].values: Required value',
        'allowedTopologies[2].matchLabelExpressions[0].key: Invalid value: "": name part must be non-empty',
        expect.stringContaining('allowedTopologies[2].matchLabelExpressions[0].key: Invalid value: "": name part must consist of'),
        'allowedTopologies[2].matchLabelExpressions[2].key: Duplicate value: "k"',
      ],
    ],
  ])('%# is told what is wrong', (change, errors) => {
    expect(refusals(storageClasses, of(change))).toEqual(errors)
  })

  it('keeps what its volumes were made with', () => {
    const before = created(storageClasses, of({ parameters: { a: 'b' } }))
    const change = { parameters: {}, provisioner: 'x', reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' } as const
    expect(updateRefusals(storageClasses, before, (next) => Object.assign(next, { allowVolumeExpansion: true, ...change }))).toEqual([
      'parameters: Forbidden: updates to parameters are forbidden.',
      'provisioner: Forbidden: updates to provisioner are forbidden.',
      'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
      'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ])
    expect(updateRefusals(storageClasses, before, (next) => void (next.mountOptions = ['ro']))).toEqual([])
  })

  it('of attributes has some, and keeps them', () => {
    expect(refusals(volumeAttributesClasses, { metadata, driverName: '' })).toEqual([
      'driverName: Required value',
      'parameters: Required value: must contain at least one key/value pair',
    ])
    const before = created(volumeAttributesClasses, { metadata, driverName: 'csi.example.com', parameters: { iops: '10' } })
    expect(
      updateRefusals(volumeAttributesClasses, before, (next) => Object.assign(next, { driverName: 'x', parameters: { iops: '9' } })),
    ).toEqual([
      'driverName: Forbidden: updates to driverName are forbidden.',
      'parameters: Forbidden: updates to parameters are forbidden.',
    ])
  })
})

describe('a CSIDriver', () => {
  it('has defaults', () => {
    const driver = created(csiDrivers, { metadata })
    expect(driver.spec).toEqual({
      ...{ attachRequired: true, podInfoOnMount: false, storageCapacity: false, requiresRepublish: false, seLinuxMount: false },
      ...{ fsGroupPolicy: 'ReadWriteOnceWithFSType', volumeLifecycleModes: ['Persistent'] },
    })
    expect(row(csiDrivers, driver)).toEqual(['fast', true, false, false, '<unset>', false, 'Persistent', undefined])
  })

  it('asks for tokens that differ, and that live long enough', () => {
    const tokenRequests = [
      { audience: '', expirationSeconds: 599 },
      { audience: 'a', expirationSeconds: 600 },
      { audience: '' },
      { audience: 'b', expirationSeconds: 2 ** 32 + 1 },
    ]
    expect(refusals(csiDrivers, { metadata, spec: { tokenRequests, nodeAllocatableUpdatePeriodSeconds: 9 } })).toEqual([
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[2].audience: Duplicate value: ""',
      'spec.tokenRequests[3].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
      'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
    ])
  })

  it('keeps whether it attaches, and what volumes it has', () => {
    const before = created(csiDrivers, { metadata })
    expect(
      updateRefusals(csiDrivers, before, ({ spec }) => Object.assign(spec, { attachRequired: false, volumeLifecycleModes: ['Ephemeral'] })),
    ).toEqual([
      'spec.attachedRequired: Invalid value: false: field is immutable',
      'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
    ])
    expect(updateRefusals(csiDrivers, before, ({ spec }) => void (spec.podInfoOnMount = true))).toEqual([])
  })
})

describe('a CSINode', () => {
  const driver = { name: 'csi.example.com', nodeID: 'i-1' }
  const of = (...drivers: object[]) => ({ metadata, spec: { drivers } })

  it('names each driver once, in full', () => {
    expect(refusals(csiNodes, { metadata })).toEqual([])
    expect(
      refusals(
        csiNodes,
        of(driver, driver, { name: '', nodeID: '' }, { name: 'x', nodeID: 'x'.repeat(257), topologyKeys: ['z', 'z', 'a b'] }),
      ),
    ).toEqual([
      'spec.drivers[1].name: Duplicate value: "csi.example.com"',
      'spec.drivers[2].name: Required value',
      expect.stringContaining('spec.drivers[2].name: Invalid value: "": a lowercase RFC 1123 subdomain'),
      'spec.drivers[2].nodeID: Required value',
      expect.stringContaining(': must be 256 characters or less'),
      'spec.drivers[3]: Duplicate value: "z"',
      expect.stringContaining('spec.drivers[3]: Invalid value: "a b": name part must consist of'),
    ])
    expect(refusals(csiNodes, of({ ...driver, allocatable: { count: -1 } }))).toEqual([
      'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
    ])
  })

  it('loses and gains drivers, of which none changes but in how many volumes it takes', () => {
    const before = created(csiNodes, of(driver))
    const change = (drivers: object[]) => updateRefusals(csiNodes, before, (next) => Object.assign(next.spec, { drivers }))
    expect(change([{ ...driver, nodeID: 'i-2' }])).toEqual([
      'spec.drivers: Invalid value: {"name":"csi.example.com","nodeID":"i-2"}: field is immutable',
    ])
    expect(
      change([
        { ...driver, allocatable: { count: 5 } },
        { name: 'other.example.com', nodeID: 'x' },
      ]),
    ).toEqual([])
    expect(change([])).toEqual([])
  })
})

describe('a CSIStorageCapacity', () => {
  it('is about a class and nodes, which stay', () => {
    const before = created(csiStorageCapacities, { metadata, storageClassName: 'fast', capacity: '10Gi' })
    expect(row(csiStorageCapacities, before)).toEqual(['fast', 'fast', '10Gi'])
    expect(refusals(csiStorageCapacities, { metadata, storageClassName: 'A', capacity: '-1' })).toEqual([
      expect.stringContaining('storageClassName: Invalid value: "A": a lowercase RFC 1123 subdomain'),
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ])
    expect(
      updateRefusals(csiStorageCapacities, before, (next) =>
        Object.assign(next, { storageClassName: 'b', nodeTopology: {}, capacity: '5Gi' }),
      ),
    ).toEqual(['nodeTopology: Invalid value: {}: field is immutable', 'storageClassName: Invalid value: "b": field is immutable'])
  })
})

describe('a VolumeAttachment', () => {
  const csi = { driver: 'csi.example.com', volumeHandle: 'v' }
  const spec = { attacher: 'csi.example.com', nodeName: 'pi-1', source: { persistentVolumeName: 'pv' } }
  const of = (change: object = {}) => ({ metadata, spec: { ...spec, ...change } })
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'

  it.each<[object, readonly unknown[]]>([
    [{}, []],
    [{ source: undefined }, [`spec.source: Required value: ${one}`]],
    [{ source: { persistentVolumeName: 'a', inlineVolumeSpec: {} } }, [`spec.source: Forbidden: ${one}`]],
    [
      { source: { persistentVolumeName: '' } },
      ['spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName'],
    ],
    [{ source: { inlineVolumeSpec: { csi, accessModes: ['ReadWriteOnce'] } } }, []],
    [
      {
        source: {
          inlineVolumeSpec: { csi, accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, persistentVolumeReclaimPolicy: 'Delete' },
        },
      },
      [
        'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes',
        'spec.source.inlineVolumeSpec.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes',
      ],
    ],
    [
      { attacher: '', nodeName: 'A' },
      [
        'spec.attacher: Required value',
        expect.stringContaining('spec.attacher: Invalid value: ""'),
        expect.stringContaining('spec.nodeName: Invalid value: "A"'),
      ],
    ],
  ])('%j is told: %j', (change, errors) => {
    expect(refusals(volumeAttachments, of(change))).toEqual(errors)
  })

  it('stays what it is, and its status is bounded', () => {
    const before = created(volumeAttachments, { ...of(), status: { attached: true } })
    expect(row(volumeAttachments, before)).toEqual(['fast', 'csi.example.com', 'pv', 'pi-1', false, undefined])
    expect(updateRefusals(volumeAttachments, before, (next) => void (next.spec = { ...next.spec, nodeName: 'pi-2' }))[0]).toContain(
      'field is immutable',
    )
    const status = { attached: true, attachError: { message: 'x'.repeat(1025), errorCode: -1 } }
    expect(updateRefusals(volumeAttachments, before, (next) => Object.assign(next, { status }))).toEqual([
      'status.attachError.message: Too long: may not be more than 262144 bytes',
      'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ])
  })
})
