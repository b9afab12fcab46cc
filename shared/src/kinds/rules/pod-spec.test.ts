import { describe, expect, it } from 'vitest'
import { pods } from '../pod.ts'
import { refusals, someContainer, somePod } from './testing.ts'

const manyTerms = Array.from({ length: 101 }, () => ({ topologyKey: 'kubernetes.io/hostname', labelSelector: {} }))
const withContainer = (part: object) => somePod({ containers: [{ ...someContainer, ...part }] })

describe('a pod is refused for', () => {
  it.each<[string, object, string[]]>([
    ['no containers', somePod({ containers: [] }), ['spec.containers: Required value']],
    ['a container without an image', withContainer({ image: '' }), ['spec.containers[0].image: Required value']],
    [
      'two containers of one name',
      somePod({ containers: [someContainer, someContainer] }),
      ['spec.containers[1].name: Duplicate value: "app"'],
    ],
    [
      'an init container called like a container',
      somePod({ initContainers: [someContainer] }),
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
      somePod({
        containers: [
          { ...someContainer, ports: [{ containerPort: 80, hostPort: 8080 }] },
          { ...someContainer, name: 'b', ports: [{ containerPort: 81, hostPort: 8080 }] },
        ],
      }),
      ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"'],
    ],
    [
      'a host port in the network of the node that is another one',
      somePod({ hostNetwork: true, containers: [{ ...someContainer, ports: [{ containerPort: 80, hostPort: 81 }] }] }),
      ['spec.containers[0].ports[0].containerPort: Invalid value: 80: must match `hostPort` when `hostNetwork` is true'],
    ],
    ['two volumes of one name', somePod({ volumes: [{ name: 'v' }, { name: 'v' }] }), ['spec.volumes[1].name: Duplicate value: "v"']],
    [
      'a volume of two sorts',
      somePod({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] }),
      ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'a mount of no volume',
      withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
      ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    ],
    [
      'two mounts at one path',
      somePod({
        volumes: [{ name: 'v' }],
        containers: [
          {
            ...someContainer,
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
      somePod({ volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: 'k', path: '../x' }] } }] }),
      ['spec.volumes[0].configMap.items[0].path: Invalid value: "../x": must not contain \'..\''],
    ],
    [
      'a file mode that is none',
      somePod({ volumes: [{ name: 'v', secret: { secretName: 's', defaultMode: 512 } }] }),
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
      withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } }] }),
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
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
      [
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      ],
    ],
    [
      'rules of restart that say too little',
      withContainer({ restartPolicyRules: [{ action: 'Restart' }, { action: 'Restart', exitCodes: { values: [3] } }] }),
      [
        'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
        'spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified',
        'spec.containers[0].restartPolicyRules[1].exitCodes.operator: Unsupported value: "": supported values: "In", "NotIn"',
      ],
    ],
    [
      'more rules of restart than Kubernetes takes',
      withContainer({
        restartPolicy: 'Never',
        restartPolicyRules: Array.from({ length: 21 }, () => ({ action: 'Restart', exitCodes: { operator: 'In', values: [3] } })),
      }),
      ['spec.containers[0].restartPolicyRules: Too long: may not be more than 20 bytes'],
    ],
    [
      'a probe on an init container',
      somePod({ initContainers: [{ ...someContainer, name: 'i', readinessProbe: { exec: { command: ['a'] } } }] }),
      ['spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always'],
    ],
    [
      'a grace below zero',
      somePod({ terminationGracePeriodSeconds: -1 }),
      ['spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'more terms than a scheduler can compare with every pod',
      somePod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: manyTerms } } }),
      ['spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution: Too many: 101: must have at most 100 items'],
    ],
    [
      'more constraints than a scheduler can count for every pod',
      somePod({ topologySpreadConstraints: manyTerms.map((term) => ({ ...term, maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' })) }),
      ['spec.topologySpreadConstraints: Too many: 101: must have at most 100 items'],
    ],
    [
      'a toleration that says too little',
      somePod({ tolerations: [{ effect: 'NoSchedule' }] }),
      [
        'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    ],
    [
      'a toleration in time for what is not',
      somePod({ tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 }] }),
      ['spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
    ],
    [
      'node terms without values',
      somePod({
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
      ...someContainer,
      name: 's',
      restartPolicy: 'Always',
      startupProbe: { tcpSocket: { port: 'http' } },
      lifecycle: { preStop: { sleep: { seconds: 3 } } },
    }
    expect(refusals(pods, somePod({ initContainers: [sidecar] }))).toEqual([])
  })
})
