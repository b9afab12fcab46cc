import { describe, expect, it } from 'vitest'
import { type Pod, pods } from './pod.ts'
import { created, refusals, row, updateRefusals, updated } from './rules/testing.ts'

const container = { name: 'app', image: 'busybox:1.36' }
const pod = (spec: object = {}, rest: object = {}) => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [container], ...spec },
  ...rest,
})
const manyTerms = Array.from({ length: 101 }, () => ({ topologyKey: 'kubernetes.io/hostname', labelSelector: {} }))
const withContainer = (part: object) => pod({ containers: [{ ...container, ...part }] })

describe('a pod without much said', () => {
  it('gets the defaults of Kubernetes', () => {
    const { spec, status, metadata } = created(
      pods,
      withContainer({ livenessProbe: { httpGet: { port: 80 } }, ports: [{ containerPort: 80 }] }),
    )
    expect(spec).toEqual({
      containers: [
        {
          ...container,
          imagePullPolicy: 'IfNotPresent',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          livenessProbe: {
            httpGet: { path: '/', port: 80, scheme: 'HTTP' },
            failureThreshold: 3,
            periodSeconds: 10,
            successThreshold: 1,
            timeoutSeconds: 1,
          },
        },
      ],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    })
    expect(status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
    expect(metadata.generation).toBe(1)
  })

  it.each([
    ['busybox', 'Always'],
    ['busybox:latest', 'Always'],
    ['busybox:1', 'IfNotPresent'],
    ['host:5000/busybox', 'Always'],
    ['host:5000/busybox:1', 'IfNotPresent'],
    ['busybox@sha256:0123', 'IfNotPresent'],
  ])('pulls %s %s', (image, policy) => {
    expect(created(pods, withContainer({ image })).spec.containers[0]?.imagePullPolicy).toBe(policy)
  })

  it.each([
    [{ limits: { cpu: '1', memory: '64Mi' } }, { cpu: '1', memory: '64Mi' }, 'Guaranteed'],
    [{ limits: { cpu: 1 }, requests: { cpu: '500m' } }, { cpu: '500m' }, 'Burstable'],
    [{ requests: { memory: '1Gi' } }, { memory: '1Gi' }, 'Burstable'],
    [{}, undefined, 'BestEffort'],
  ])('with %j asks for %j and is %s', (resources, requests, qosClass) => {
    const { spec, status } = created(pods, withContainer({ resources }))
    expect(spec.containers[0]?.resources.requests).toEqual(requests)
    expect(status?.qosClass).toBe(qosClass)
  })

  it('has an empty directory for a volume without a source, and host ports in the network of the node', () => {
    const { spec } = created(
      pods,
      pod({ volumes: [{ name: 'v' }], hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 80 }] }] }),
    )
    expect(spec.volumes).toEqual([{ name: 'v', emptyDir: {} }])
    expect(spec.containers[0]?.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'TCP' }])
  })

  it('writes its service account under the old and the new name', () => {
    expect(created(pods, pod({ serviceAccount: 'a' })).spec.serviceAccountName).toBe('a')
  })
})

describe('a pod is refused for', () => {
  it.each<[string, object, string[]]>([
    ['no containers', pod({ containers: [] }), ['spec.containers: Required value']],
    ['a container without an image', withContainer({ image: '' }), ['spec.containers[0].image: Required value']],
    ['two containers of one name', pod({ containers: [container, container] }), ['spec.containers[1].name: Duplicate value: "app"']],
    [
      'an init container called like a container',
      pod({ initContainers: [container] }),
      ['spec.initContainers[0].name: Duplicate value: "app"'],
    ],
    [
      'a port out of range',
      withContainer({ ports: [{ containerPort: 70_000 }] }),
      ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ],
    ['port 0', withContainer({ ports: [{ containerPort: 0 }] }), ['spec.containers[0].ports[0].containerPort: Required value']],
    [
      'two ports of one name',
      withContainer({
        ports: [
          { name: 'http', containerPort: 80 },
          { name: 'http', containerPort: 81 },
        ],
      }),
      ['spec.containers[0].ports[1].name: Duplicate value: "http"'],
    ],
    [
      'one host port twice',
      pod({
        containers: [
          { ...container, ports: [{ containerPort: 80, hostPort: 8080 }] },
          { ...container, name: 'b', ports: [{ containerPort: 81, hostPort: 8080 }] },
        ],
      }),
      ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"'],
    ],
    [
      'a host port in the network of the node that is another one',
      pod({ hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 80, hostPort: 81 }] }] }),
      ['spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true'],
    ],
    ['two volumes of one name', pod({ volumes: [{ name: 'v' }, { name: 'v' }] }), ['spec.volumes[1].name: Duplicate value: "v"']],
    [
      'a volume of two sorts',
      pod({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] }),
      ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'a mount of no volume',
      withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
      ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    ],
    [
      'two mounts at one path',
      pod({
        volumes: [{ name: 'v' }],
        containers: [
          {
            ...container,
            volumeMounts: [
              { name: 'v', mountPath: '/v' },
              { name: 'v', mountPath: '/v' },
            ],
          },
        ],
      }),
      ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique'],
    ],
    [
      'a path out of its volume',
      pod({ volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: 'k', path: '../x' }] } }] }),
      ['spec.volumes[0].configMap.items[0].path: Invalid value: "../x": must not contain \'..\''],
    ],
    [
      'a file mode that is none',
      pod({ volumes: [{ name: 'v', secret: { secretName: 's', defaultMode: 512 } }] }),
      ['spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive'],
    ],
    [
      'a probe that does nothing',
      withContainer({ readinessProbe: { periodSeconds: 1 } }),
      ['spec.containers[0].readinessProbe: Required value: must specify a handler type'],
    ],
    [
      'a probe of two sorts',
      withContainer({ readinessProbe: { exec: { command: ['a'] }, tcpSocket: { port: 80 } } }),
      ['spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type'],
    ],
    [
      'probe limits',
      withContainer({ livenessProbe: { exec: { command: ['a'] }, successThreshold: 2, initialDelaySeconds: -1 } }),
      [
        'spec.containers[0].livenessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0',
        'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
      ],
    ],
    [
      'a variable with two sources',
      withContainer({
        env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: { name: 's', key: 'k' } } }],
      }),
      ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time'],
    ],
    [
      'a variable with no source',
      withContainer({ env: [{ name: 'A', valueFrom: {} }] }),
      [
        'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ],
    ],
    [
      'a variable of an odd name',
      withContainer({ env: [{ name: 'A=B' }] }),
      [
        'spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
      ],
    ],
    [
      'a field that cannot be referred to',
      withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.containers' } } }] }),
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.containers": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
      ],
    ],
    [
      'more asked for than the limit',
      withContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
      ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ],
    [
      'less than nothing',
      withContainer({ resources: { requests: { memory: '-1' } } }),
      ['spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
    [
      'an unknown resource',
      withContainer({ resources: { requests: { gpu: 1 } } }),
      ['spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers'],
    ],
    [
      'an init container that restarts on its own terms',
      pod({ initContainers: [{ ...container, name: 'i', restartPolicy: 'Never' }] }),
      ['spec.initContainers[0].restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      'a probe on an init container',
      pod({ initContainers: [{ ...container, name: 'i', readinessProbe: { exec: { command: ['a'] } } }] }),
      ['spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always'],
    ],
    [
      'a grace below zero',
      pod({ terminationGracePeriodSeconds: -1 }),
      ['spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'more terms than a scheduler can compare with every pod',
      pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: manyTerms } } }),
      ['spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution: Too many: 101: must have at most 100 items'],
    ],
    [
      'more constraints than a scheduler can count for every pod',
      pod({ topologySpreadConstraints: manyTerms.map((term) => ({ ...term, maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' })) }),
      ['spec.topologySpreadConstraints: Too many: 101: must have at most 100 items'],
    ],
    [
      'a toleration that says too little',
      pod({ tolerations: [{ effect: 'NoSchedule' }] }),
      [
        'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    ],
    [
      'a toleration in time for what is not',
      pod({ tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 }] }),
      ['spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
    ],
    [
      'node terms without values',
      pod({
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }] },
          },
        },
      }),
      [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
  ])('%s', (_why, input, expected) => {
    expect(refusals(pods, input)).toEqual(expected)
  })

  it('nothing when it is a sidecar with probes and hooks', () => {
    const sidecar = {
      ...container,
      name: 's',
      restartPolicy: 'Always',
      startupProbe: { tcpSocket: { port: 'http' } },
      lifecycle: { preStop: { sleep: { seconds: 3 } } },
    }
    expect(refusals(pods, pod({ initContainers: [sidecar] }))).toEqual([])
  })
})

describe('an update of a pod', () => {
  const before = created(pods, pod({ tolerations: [{ key: 'a', operator: 'Exists' }], activeDeadlineSeconds: 60, nodeName: 'pi-1' }))

  it.each<[string, (object: Pod) => void]>([
    ['its image', (o) => Object.assign(o.spec.containers[0] ?? {}, { image: 'busybox:2' })],
    ['another toleration', (o) => o.spec.tolerations?.push({ key: 'b', operator: 'Exists' })],
    ['a shorter deadline', (o) => Object.assign(o.spec, { activeDeadlineSeconds: 30 })],
    ['its labels', (o) => Object.assign(o.metadata, { labels: { a: 'b' } })],
  ])('may change %s', (_what, change) => {
    expect(updateRefusals(pods, before, change)).toEqual([])
  })

  it.each<[string, (object: Pod) => void, string]>([
    [
      'its command',
      (o) => Object.assign(o.spec.containers[0] ?? {}, { command: ['x'] }),
      'spec: Forbidden: pod updates may not change fields other than',
    ],
    [
      'the number of its containers',
      (o) => o.spec.containers.push({ ...(o.spec.containers[0] as Pod['spec']['containers'][0]), name: 'b' }),
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ],
    ['its node', (o) => Object.assign(o.spec, { nodeName: 'pi-2' }), 'spec: Forbidden:'],
    [
      'a toleration it had',
      (o) => Object.assign(o.spec, { tolerations: [] }),
      'spec.tolerations: Forbidden: existing toleration can not be modified',
    ],
    [
      'to a longer deadline',
      (o) => Object.assign(o.spec, { activeDeadlineSeconds: 61 }),
      'spec.activeDeadlineSeconds: Invalid value: 61: must be less than or equal to previous value',
    ],
  ])('may not change %s', (_what, change, expected) => {
    expect(updateRefusals(pods, before, change).join('\n')).toContain(expected)
  })

  it('looks at each of thousands of tolerations once', () => {
    const tolerations = Array.from({ length: 9_000 }, (_, i) => ({ key: `k${i}`, operator: 'Exists' as const }))
    const many = created(pods, pod({ tolerations }))
    expect(updateRefusals(pods, many, (o) => Object.assign(o.spec, { tolerations: tolerations.toReversed() }))).toEqual([])
    expect(updateRefusals(pods, many, (o) => o.spec.tolerations?.pop())).toHaveLength(1)
  })

  it('counts the generation only when the spec changes', () => {
    expect(updated(pods, before, (o) => Object.assign(o.metadata, { labels: { a: 'b' } })).metadata.generation).toBe(1)
    expect(updated(pods, before, (o) => Object.assign(o.spec.containers[0] ?? {}, { image: 'x:2' })).metadata.generation).toBe(2)
  })
})

describe('the row of a pod', () => {
  const now = new Date('2026-01-01T00:10:00Z')
  const running = { name: 'app', ready: true, restartCount: 0, image: 'b', imageID: '', state: { running: {} }, started: true }
  const stopped = (terminated: object) => ({ ...running, ready: false, state: { terminated } })
  const waiting = (reason: string) => ({ ...running, ready: false, state: { waiting: { reason } } })
  const restarted = { ...running, restartCount: 2, lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:07:00Z' } } }
  const text = (spec: object, status: object, metadata: object = {}) => {
    const input = {
      apiVersion: 'v1',
      kind: 'Pod',
      ...pod(spec),
      metadata: { name: 'web', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
      status,
    }
    return row(pods, pods.schema.parse(input), { now }).slice(1, 4).join(' ')
  }
  const init = [
    { ...container, name: 'i' },
    { ...container, name: 'j' },
  ]
  const sidecar = [{ ...container, name: 's', restartPolicy: 'Always' }]
  const deleted = { deletionTimestamp: '2026-01-01T00:09:00Z' }
  it.each<[string, object, object, object]>([
    ['0/1 Pending 0', {}, { phase: 'Pending' }, {}],
    ['0/1 ContainerCreating 0', {}, { phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] }, {}],
    ['1/1 Running 0', {}, { phase: 'Running', containerStatuses: [running] }, {}],
    ['1/1 Running 2 (3m ago)', {}, { phase: 'Running', containerStatuses: [restarted] }, {}],
    ['0/1 CrashLoopBackOff 0', {}, { phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] }, {}],
    ['0/1 Completed 0', {}, { phase: 'Succeeded', containerStatuses: [stopped({ exitCode: 0, reason: 'Completed' })] }, {}],
    ['0/1 ExitCode:3 0', {}, { phase: 'Failed', containerStatuses: [stopped({ exitCode: 3 })] }, {}],
    ['0/1 Signal:9 0', {}, { phase: 'Failed', containerStatuses: [stopped({ exitCode: 137, signal: 9 })] }, {}],
    ['0/1 OOMKilled 0', {}, { phase: 'Running', containerStatuses: [stopped({ exitCode: 137, reason: 'OOMKilled' })] }, {}],
    ['0/1 Evicted 0', {}, { phase: 'Failed', reason: 'Evicted' }, {}],
    ['1/1 Terminating 0', {}, { phase: 'Running', containerStatuses: [running] }, deleted],
    ['1/1 Unknown 0', {}, { phase: 'Running', reason: 'NodeLost', containerStatuses: [running] }, deleted],
    [
      '0/1 SchedulingGated 0',
      {},
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
      {},
    ],
    ['0/1 Init:0/2 0', { initContainers: init }, { phase: 'Pending', initContainerStatuses: [{ ...running, name: 'i' }] }, {}],
    [
      '0/1 Init:1/2 0',
      { initContainers: init },
      {
        phase: 'Pending',
        initContainerStatuses: [
          { ...stopped({ exitCode: 0 }), name: 'i' },
          { ...waiting('PodInitializing'), name: 'j' },
        ],
      },
      {},
    ],
    [
      '0/1 Init:Error 0',
      { initContainers: init },
      { phase: 'Pending', initContainerStatuses: [{ ...stopped({ exitCode: 1, reason: 'Error' }), name: 'i' }] },
      {},
    ],
    [
      '0/1 Init:ExitCode:1 0',
      { initContainers: init },
      { phase: 'Pending', initContainerStatuses: [{ ...stopped({ exitCode: 1 }), name: 'i' }] },
      {},
    ],
    [
      '0/1 Init:CrashLoopBackOff 0',
      { initContainers: init },
      { phase: 'Pending', initContainerStatuses: [{ ...waiting('CrashLoopBackOff'), name: 'i' }] },
      {},
    ],
    [
      '2/2 Running 0',
      { initContainers: sidecar },
      { phase: 'Running', initContainerStatuses: [{ ...running, name: 's' }], containerStatuses: [running] },
      {},
    ],
    [
      '1/2 NotReady 0',
      { containers: [container, { ...container, name: 'b' }] },
      { phase: 'Running', containerStatuses: [stopped({ exitCode: 0, reason: 'Completed' }), { ...running, name: 'b' }] },
      {},
    ],
  ])('reads %s', (expected, spec, status, metadata) => {
    expect(text(spec, status, metadata)).toBe(expected)
  })

  it('has its address and node with -o wide', () => {
    const input = pod(
      { nodeName: 'pi-1', readinessGates: [{ conditionType: 'a' }] },
      { apiVersion: 'v1', kind: 'Pod', status: { podIPs: [{ ip: '10.42.0.7' }] } },
    )
    expect(row(pods, pods.schema.parse(input), { wide: true }).slice(5)).toEqual(['10.42.0.7', 'pi-1', '<none>', '0/1'])
  })
})

describe('the grace of a pod', () => {
  it.each([
    [{ nodeName: 'pi-1' }, { phase: 'Running' }, undefined, 30],
    [{ nodeName: 'pi-1', terminationGracePeriodSeconds: 5 }, {}, undefined, 5],
    [{ nodeName: 'pi-1', terminationGracePeriodSeconds: 5 }, {}, 7, 7],
    [{ nodeName: 'pi-1' }, {}, 0, 0],
    [{}, {}, 7, 0],
    [{ nodeName: 'pi-1' }, { phase: 'Succeeded' }, 7, 0],
  ])('of %j with %j and %j asked for is %i seconds', (spec, status, asked, seconds) => {
    expect(pods.graceSeconds?.(pods.schema.parse({ apiVersion: 'v1', kind: 'Pod', ...pod(spec), status }), asked)).toBe(seconds)
  })
})

describe("the addresses in a pod's status", () => {
  const complaints = (status: Pod['status']) => {
    const object = created(pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } })
    object.status = { ...status }
    pods.setDefaults?.(object)
    return (pods.validate?.(object) ?? []).map(({ field, message }) => `${field}: ${message}`)
  }
  const invalid = (text: string) => `Invalid value: ${JSON.stringify(text)}: must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`

  it.each<[Pod['status'], string[]]>([
    [{ podIP: 'not an ip' }, [`status.podIPs[0]: ${invalid('not an ip')}`]],
    [{ podIPs: [{ ip: '10.0.0.07' }] }, [`status.podIPs[0]: ${invalid('10.0.0.07')}`]],
    [
      { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
      ['status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family'],
    ],
    [{ hostIP: 'pi' }, [`status.hostIP: ${invalid('pi')}`]],
    [{ hostIP: 'pi', hostIPs: [{ ip: 'pi' }] }, [`status.hostIPs[0].ip: ${invalid('pi')}`]],
    [{ hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] }, ['status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`']],
    [{ podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], hostIP: '10.0.0.2', hostIPs: [{ ip: '10.0.0.2' }] }, []],
  ])('%j: %j', (status, expected) => expect(complaints(status)).toEqual(expected))

  it('podIP is the first of podIPs, and right where they differ', () => {
    const aligned = (status: NonNullable<Pod['status']>) => {
      const object = created(pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } })
      object.status = status
      pods.setDefaults?.(object)
      return [object.status.podIP, object.status.podIPs?.map(({ ip }) => ip)]
    }
    expect(aligned({ podIP: '10.0.0.1' })).toEqual(['10.0.0.1', ['10.0.0.1']])
    expect(aligned({ podIPs: [{ ip: '10.0.0.1' }] })).toEqual(['10.0.0.1', ['10.0.0.1']])
    expect(aligned({ podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.1' }] })).toEqual(['10.0.0.2', ['10.0.0.2']])
  })
})
