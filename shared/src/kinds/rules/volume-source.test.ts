import { describe, expect, it } from 'vitest'
import { pods } from '../pod.ts'

/** `field:reason` of all that is wrong with a pod of this spec. */
function causes(spec: object): string[] {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }
  const object = pods.parseInDoubt?.(pod)
  if (object === undefined) throw new Error('a type in it is wrong')
  pods.setDefaults?.(object)
  return (pods.validate?.(object) ?? []).map(({ field, reason }) => `${field.replace('spec.', '')}:${reason.replace('FieldValue', '')}`)
}
const ofVolume = (source: object) => causes({ volumes: [{ name: 'v', ...source }] }).map((cause) => cause.replace('volumes[0].', ''))
const ofContainer = (container: object, spec: object = {}) =>
  causes({ ...spec, containers: [{ name: 'c', image: 'i', ...container }] }).map((cause) => cause.replace('containers[0].', ''))

describe('of a volume source is refused', () => {
  it.each([
    [{ nfs: { server: 's', path: 'a' } }, ['nfs.path:Invalid']],
    [{ nfs: {} }, ['nfs.server:Required', 'nfs.path:Required', 'nfs.path:Invalid']],
    [{ iscsi: { targetPortal: 'p', iqn: 'x', lun: 256 } }, ['iscsi.iqn:Invalid', 'iscsi.lun:Invalid']],
    [{ iscsi: { targetPortal: 'p', iqn: 'iqn.2001-04.com.example:a', lun: 0, chapAuthSession: true } }, ['iscsi.secretRef:Required']],
    [{ fc: {} }, ['fc.targetWWNs:Required']],
    [{ fc: { targetWWNs: ['a'], wwids: ['b'] } }, ['fc.targetWWNs:Invalid', 'fc.lun:Required']],
    [{ quobyte: { registry: 'x', volume: '' } }, ['quobyte.registry:Invalid', 'quobyte.volume:Required']],
    [
      { csi: { driver: '', nodePublishSecretRef: {} } },
      ['csi.driver:Required', 'csi.driver:Invalid', 'csi.nodePublishSecretRef.name:Required'],
    ],
    [{ gcePersistentDisk: { pdName: '', partition: 256 } }, ['persistentDisk.pdName:Required', 'persistentDisk.partition:Invalid']],
    [{ flexVolume: { driver: 'd', options: { 'kubernetes.io/x': '' } } }, ['flexVolume.options[kubernetes.io/x]:Invalid']],
    [{ ephemeral: {} }, ['ephemeral.volumeClaimTemplate:Required']],
    [{ flocker: {} }, ['flocker:Required']],
    [{ storageos: {} }, ['storageos.volumeName:Required']],
    [{ hostPath: { path: '' }, nfs: {} }, ['hostPath.path:Required', 'nfs:Forbidden']],
    [{ downwardAPI: { items: [{ path: '/a' }] } }, ['downwardAPI.path:Invalid', 'downwardAPI:Required']],
    [
      { downwardAPI: { items: [{ path: 'a', resourceFieldRef: { resource: 'limits.cpu' } }] } },
      ['downwardAPI.resourceFieldRef.containerName:Required'],
    ],
    [
      {
        projected: {
          sources: [{ secret: { name: 's', items: [{ key: 'a', path: 'x' }] } }, { configMap: { items: [{ key: 'a', path: 'x' }] } }],
        },
      },
      ['projected.sources[1].configMap.name:Required', 'projected:Invalid'],
    ],
    [
      { projected: { sources: [{ serviceAccountToken: { path: '', expirationSeconds: 1 } }] } },
      ['projected.sources[0].serviceAccountToken.expirationSeconds:Invalid', 'projected.path:Required'],
    ],
  ])('%j', (source, expected) => {
    expect(ofVolume(source)).toEqual(expected)
  })

  it('nothing where a name or a key is none that can be there: the pod waits for it', () => {
    expect(ofVolume({ configMap: { name: 'A b', items: [{ key: '!', path: 'x' }] } })).toEqual([])
    expect(ofVolume({ secret: { secretName: '-' } })).toEqual([])
    expect(ofVolume({ projected: { sources: [{}] } })).toEqual([])
  })
})

describe('of what a container mounts is refused', () => {
  const volumes = [{ name: 'e' }, { name: 'p', persistentVolumeClaim: { claimName: 'p' } }]

  it.each([
    [{ volumeDevices: [{ name: 'e', devicePath: '/d' }] }, ['volumeDevices[0].name:Invalid']],
    [{ volumeDevices: [{ name: 'x', devicePath: '/a/../d' }] }, ['volumeDevices[0].name:NotFound', 'volumeDevices[0].devicePath:Invalid']],
    [
      { volumeDevices: [{ name: 'p', devicePath: '/d' }], volumeMounts: [{ name: 'p', mountPath: '/d' }] },
      [
        'volumeMounts[0].name:Invalid',
        'volumeMounts[0].mountPath:Invalid',
        'volumeDevices[0].name:Invalid',
        'volumeDevices[0].devicePath:Invalid',
      ],
    ],
    [{ volumeMounts: [{ name: 'e', mountPath: '/e', subPath: '../a' }] }, ['volumeMounts.subPath:Invalid']],
    [{ volumeMounts: [{ name: 'e', mountPath: '/e', recursiveReadOnly: 'Enabled' }] }, ['volumeMounts[0].recursiveReadOnly:Forbidden']],
    [{ volumeMounts: [{}] }, ['volumeMounts[0].name:Required', 'volumeMounts[0].name:NotFound', 'volumeMounts[0].mountPath:Required']],
  ])('%j', (container, expected) => {
    expect(ofContainer(container, { volumes })).toEqual(expected)
  })
})

describe('of what a pod asks for else is refused', () => {
  const ref = (fieldRef: object) => ({ env: [{ name: 'A', valueFrom: { fieldRef } }] })
  const amount = (resource: string, divisor: string) => ({ env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource, divisor } } }] })

  it.each([
    [ref({ apiVersion: 'v9', fieldPath: 'metadata.name' }), ['env[0].valueFrom.fieldRef.fieldPath:Invalid']],
    [ref({ fieldPath: "metadata.labels['-']" }), ['env[0].valueFrom.fieldRef:Invalid']],
    [ref({ fieldPath: "spec.nodeName['a']" }), ['env[0].valueFrom.fieldRef.fieldPath:Invalid']],
    [amount('limits.cpu', '100m'), ['env[0].valueFrom.resourceFieldRef.divisor:Invalid']],
    [amount('limits.memory', '1Mi'), []],
    [{ envFrom: [{}] }, ['envFrom:Invalid']],
    [
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: {} } }] },
      ['env[0].valueFrom.configMapKeyRef.name:Invalid', 'env[0].valueFrom.configMapKeyRef.key:Required'],
    ],
    [{ terminationMessagePolicy: 'X' }, ['terminationMessagePolicy:Invalid']],
    [
      { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: '/a' } } },
      ['securityContext.seccompProfile.localhostProfile:Invalid'],
    ],
    [{ securityContext: { seccompProfile: {} } }, ['securityContext.seccompProfile.type:Required']],
    [{ securityContext: { windowsOptions: { runAsUserName: 'a\\b\\c' } } }, ['securityContext.windowsOptions.runAsUserName:Invalid']],
    [
      { resources: { requests: { toString: '1' }, limits: { cpu: '1' } } },
      ['resources.requests[toString]:Invalid', 'resources.requests[toString]:Invalid'],
    ],
  ])('%j', (container, expected) => {
    expect(ofContainer(container)).toEqual(expected)
  })

  const term = (podTerm: object) => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [podTerm] } } })
  const at = 'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]'
  const spread = { maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'ScheduleAnyway' }

  it.each([
    [term({}), [`${at}.topologyKey:Required`, `${at}.topologyKey:Invalid`, `${at}.topologyKey:Invalid`]],
    [term({ topologyKey: 'a', namespaces: ['B'], matchLabelKeys: ['a'] }), [`${at}.namespace:Invalid`, `${at}.matchLabelKeys:Forbidden`]],
    [{ topologySpreadConstraints: [spread, spread] }, ['topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}:Duplicate']],
    [{ topologySpreadConstraints: [{ ...spread, minDomains: 1 }] }, ['topologySpreadConstraints[0].minDomains:Invalid']],
    [{ dnsPolicy: 'None' }, ['dnsConfig:Required']],
    [{ readinessGates: [{}] }, ['readinessGates[0].conditionType:Invalid', 'readinessGates[0].conditionType:Invalid']],
    [{ overhead: { cpu: '-1' } }, ['overhead.limits[cpu]:Invalid']],
    [{ resourceClaims: [{ name: 'a' }] }, ['resourceClaims[0]:Invalid']],
    [{ runtimeClassName: '' }, ['runtimeClassName:Invalid']],
  ])('%j', (spec, expected) => {
    expect(causes(spec)).toEqual(expected)
  })
})
