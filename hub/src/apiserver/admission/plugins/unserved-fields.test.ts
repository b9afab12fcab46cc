import { describe, expect, it } from 'vitest'
import { type Field, type ObjectNode, typeNodeOf } from '@bramble/shared/schema/type-node.ts'
import { unservedIn } from '@bramble/shared/kinds/rules/unserved.ts'
import { podSpec } from '@bramble/shared/types/pod-spec.ts'
import { createTestApi, type Json, pod } from '../../testing/api.ts'

const url = '/api/v1/namespaces/default/pods?dryRun=All'

const container = (more: object) => ({ containers: [{ name: 'c', image: 'b:1', ...more }] })
const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] })

const refused: readonly (readonly [field: string, spec: Record<string, unknown>])[] = [
  ['spec.runtimeClassName', { runtimeClassName: 'gvisor' }],
  ['spec.overhead', { overhead: { cpu: '1' } }],
  ['spec.hostUsers', { hostUsers: false }],
  ['spec.resourceClaims', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'x' }] }],
  ['spec.resources', { resources: { limits: { cpu: '1' } } }],
  ['spec.securityContext.appArmorProfile', { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }],
  ['spec.securityContext.windowsOptions', { securityContext: { windowsOptions: { runAsUserName: 'x' } } }],
  ['spec.securityContext.supplementalGroupsPolicy', { securityContext: { supplementalGroupsPolicy: 'Strict' } }],
  [
    'spec.containers[0].securityContext.appArmorProfile',
    container({ securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'x' } } }),
  ],
  [
    'spec.containers[0].securityContext.seccompProfile.localhostProfile',
    container({ securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } } }),
  ],
  ['spec.containers[0].securityContext.procMount', container({ securityContext: { procMount: 'Unmasked' } })],
  [
    'spec.containers[0].securityContext.capabilities.drop[1]',
    container({ securityContext: { capabilities: { drop: ['ALL', 'NET_RAWW'] } } }),
  ],
  ['spec.containers[0].securityContext.capabilities.add[0]', container({ securityContext: { capabilities: { add: ['CAP_'] } } })],
  [
    'spec.containers[0].volumeDevices',
    {
      ...container({ volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }),
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'v' } }],
    },
  ],
  [
    'spec.containers[0].restartPolicyRules[0].action',
    container({
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [3] } }],
    }),
  ],
  ['spec.containers[0].lifecycle.stopSignal', container({ lifecycle: { stopSignal: 'SIGUSR1' } })],
  ['spec.containers[0].resources.claims', container({ resources: { claims: [{ name: 'gpu' }] } })],
  [
    'spec.containers[0].env[0].valueFrom.fileKeyRef',
    container({ env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'p', key: 'k' } } }] }),
  ],
  [
    'spec.containers[0].volumeMounts[0].recursiveReadOnly',
    {
      ...container({ volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: 'Enabled' }] }),
      volumes: [{ name: 'v', emptyDir: {} }],
    },
  ],
  [
    'spec.containers[0].volumeMounts[0].bindMountOptions',
    { ...container({ volumeMounts: [{ name: 'v', mountPath: '/v', bindMountOptions: ['x'] }] }), volumes: [{ name: 'v', emptyDir: {} }] },
  ],
  ['spec.volumes[0].nfs', volume({ nfs: { server: 's', path: '/' } })],
  ['spec.volumes[0].persistentVolumeClaim', volume({ persistentVolumeClaim: { claimName: 'x' } })],
  ['spec.volumes[0].csi', volume({ csi: { driver: 'x' } })],
  ['spec.volumes[0].image', volume({ image: { reference: 'x' } })],
  ['spec.volumes[0].emptyDir.medium', volume({ emptyDir: { medium: 'HugePages' } })],
  ['spec.volumes[0].secret.items[0].user', volume({ secret: { secretName: 's', items: [{ key: 'k', path: 'p', user: 1 }] } })],
  ['spec.volumes[0].projected.sources[0].clusterTrustBundle', volume({ projected: { sources: [{ clusterTrustBundle: { path: 'ca' } }] } })],
]

/** Taken, with a warning: where no node has it, it changes nothing. */
const withoutEffect: readonly (readonly [field: string, spec: Record<string, unknown>])[] = [
  ['spec.securityContext.seLinuxOptions', { securityContext: { seLinuxOptions: { level: 's0' } } }],
  ['spec.securityContext.seLinuxChangePolicy', { securityContext: { seLinuxChangePolicy: 'MountOption' } }],
  ['spec.containers[0].securityContext.seLinuxOptions', container({ securityContext: { seLinuxOptions: { type: 't' } } })],
  [
    'spec.initContainers[0].securityContext.seLinuxOptions',
    { initContainers: container({ securityContext: { seLinuxOptions: { type: 't' } } }).containers },
  ],
]

describe('what no node does', () => {
  it.each(refused)('%s is refused by name when the pod is created', async (field, spec) => {
    const { json } = await createTestApi()
    const { code, body } = await json('POST', url, { body: pod('a', spec) })
    expect(code).toBe(422)
    expect(body.details.causes).toContainEqual({
      reason: 'FieldValueForbidden',
      field,
      message: expect.stringContaining('is not served by this version: '),
    })
  })

  it.each(withoutEffect)('%s is taken with a warning, as on a node without SELinux', async (field, spec) => {
    const { json } = await createTestApi()
    const { code, headers, body } = await json('POST', url, { body: pod('a', spec) })
    expect(code, JSON.stringify(body)).toBe(201)
    expect(headers['warning']).toContain(`${field}: has no effect on nodes without SELinux`)
    expect(unservedIn(body)).toEqual([]) // so that nodes take it too
  })

  it('is told of AppArmor by its old annotation too', async () => {
    const { json } = await createTestApi()
    const key = 'container.apparmor.security.beta.kubernetes.io/main'
    const ask = (value: string) => json('POST', url, { body: pod('a', {}, { annotations: { [key]: value } }) })
    expect(await ask('runtime/default')).toMatchObject({ code: 422, body: { message: expect.stringContaining(key) } })
    expect((await ask('unconfined')).code).toBe(201)
  })

  it('but a token of the account is taken, though not for another user of its file', async () => {
    const { json } = await createTestApi()
    const spec = (more: object) => volume({ projected: { sources: [{ serviceAccountToken: { path: 'token', ...more } }] } })
    expect(await json('POST', url, { body: pod('a', spec({})) })).toMatchObject({ code: 201, headers: {} })
    const refused = await json('POST', url, { body: pod('b', spec({ user: 1000 })) })
    expect(refused.body.details.causes[0].field).toBe('spec.volumes[0].projected.sources[0].serviceAccountToken.user')
  })

  it('and what bounds the disk, or confines by an annotation that Kubernetes no longer knows, with a warning for each', async () => {
    const { json } = await createTestApi()
    const key = 'seccomp.security.alpha.kubernetes.io/pod'
    const spec = { ...volume({ emptyDir: { sizeLimit: '1Gi' } }), ...container({ resources: { limits: { 'ephemeral-storage': '1Gi' } } }) }
    const { code, headers } = await json('POST', url, { body: pod('a', spec, { annotations: { [key]: 'runtime/default' } }) })
    expect(code).toBe(201)
    for (const field of [
      `annotations[${key}]`,
      'spec.containers[0].resources.limits[ephemeral-storage]',
      'spec.volumes[0].emptyDir.sizeLimit',
    ])
      expect(headers['warning']).toContain(`${field}: `)
    const memory = await json('POST', url, { body: pod('b', volume({ emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } })) })
    expect(memory.headers['warning']).toBeUndefined()
  })

  it('in a template is taken with a warning for each, by create and by update', async () => {
    const { json } = await createTestApi()
    const deployments = '/apis/apps/v1/namespaces/default/deployments'
    const template = {
      metadata: { labels: { a: 'b' } },
      spec: { ...container({}), hostUsers: false, resources: { limits: { cpu: '1' } } },
    }
    const body = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    }
    const created = await json('POST', deployments, { body })
    expect(created.code).toBe(201)
    expect(created.headers['warning']).toMatch(/spec\.template\.spec\.hostUsers: Forbidden: .*spec\.template\.spec\.resources: /)
    const updated = await json('PUT', `${deployments}/a`, { body })
    expect(updated.headers['warning']).toContain('hostUsers')
  })
})

describe('what asks for nothing, or for what is so anyway', () => {
  const harmless: readonly Record<string, unknown>[] = [
    {
      hostUsers: true,
      setHostnameAsFQDN: false,
      overhead: {},
      resourceClaims: [],
      resources: {},
      ephemeralContainers: [],
    },
    { securityContext: { seLinuxOptions: {}, windowsOptions: {}, supplementalGroupsPolicy: 'Merge', seLinuxChangePolicy: 'Recursive' } },
    {
      securityContext: {
        fsGroup: 1,
        fsGroupChangePolicy: 'OnRootMismatch',
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    },
    container({
      resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
      resources: { limits: { 'ephemeral-storage': '1Gi' } },
      securityContext: {
        procMount: 'Default',
        appArmorProfile: { type: 'Unconfined' },
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'], add: ['CAP_NET_RAW', 'sys_time'] },
        seLinuxOptions: {},
      },
    }),
    {
      ...volume({ emptyDir: { medium: '', sizeLimit: '1Gi' } }),
      ...{
        ...container({ volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: 'IfPossible' }] }),
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    },
  ]
  it.each(harmless.map((spec) => [JSON.stringify(spec).slice(0, 70), spec] as const))('%s passes', async (_name, spec) => {
    const { json } = await createTestApi()
    const { code, body } = await json('POST', url, { body: pod('a', spec) })
    expect(code, JSON.stringify(body)).toBe(201)
  })
})

/** What the agent, the scheduler or the hub acts on, or what changes nothing that a pod could tell. A new field of a type is neither. */
const served: Readonly<Record<string, readonly string[]>> = {
  PodSpec: (
    'activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks ephemeralContainers hostAliases hostIPC ' +
    'hostNetwork hostPID hostname hostnameOverride imagePullSecrets initContainers nodeName nodeSelector os preemptionPolicy priority ' +
    'priorityClassName readinessGates restartPolicy schedulerName schedulingGates securityContext serviceAccount serviceAccountName ' +
    'setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations topologySpreadConstraints volumes'
  ).split(' '),
  Container: (
    'args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe resizePolicy resources restartPolicy ' +
    'restartPolicyRules securityContext startupProbe stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeMounts workingDir'
  ).split(' '),
  PodSecurityContext: 'fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser seccompProfile supplementalGroups sysctls'.split(' '),
  SecurityContext:
    'allowPrivilegeEscalation capabilities privileged procMount readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser seccompProfile'.split(
      ' ',
    ),
  Lifecycle: ['postStart', 'preStop'],
  VolumeMount: 'mountPath mountPropagation name readOnly subPath subPathExpr'.split(' '),
  EnvVarSource: 'configMapKeyRef fieldRef resourceFieldRef secretKeyRef'.split(' '),
}

describe('every field of a pod is served, refused by name, or taken with a warning', () => {
  const types = new Map<string, ObjectNode>()
  const collect = (node: Json): void => {
    if (node.tag === 'list') return collect(node.item)
    if (node.tag === 'map') return collect(node.value)
    if (node.tag !== 'object' || types.has(node.typeName)) return
    types.set(node.typeName, node)
    for (const { type } of node.fields.values() as Iterable<Field>) collect(type)
  }
  collect(typeNodeOf(podSpec))
  const named = [...refused, ...withoutEffect].map(([field]) => field.replace(/\[\d+\]/g, ''))

  it.each(Object.entries(served))('%s', (type, known) => {
    const fields = [...(types.get(type)?.fields.keys() ?? [])].filter((name) => !known.includes(name))
    expect(fields.length).toBeGreaterThan(0)
    expect(fields.filter((name) => !named.some((field) => field.endsWith(`.${name}`) || field.includes(`.${name}.`)))).toEqual([])
  })
})
