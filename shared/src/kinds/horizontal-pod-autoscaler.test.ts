import { describe, expect, it } from 'vitest'
import { horizontalPodAutoscalers, horizontalPodAutoscalersV1 } from './horizontal-pod-autoscaler.ts'
import { toV1, toV2 } from './rules/autoscaler-conversion.ts'
import { created, refusals, row, updateRefusals } from './rules/testing.ts'

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const scaler = (spec: object = {}) => ({ metadata: { name: 'h' }, spec: { scaleTargetRef, maxReplicas: 5, ...spec } })
const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})
const memory = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '64Mi' } } }
const pods = {
  type: 'Pods',
  pods: { metric: { name: 'rps', selector: { matchLabels: { a: 'b' } } }, target: { type: 'AverageValue', averageValue: '10' } },
}
const object = {
  type: 'Object',
  object: { describedObject: { kind: 'Ingress', name: 'i' }, metric: { name: 'hits' }, target: { type: 'Value', value: '2k' } },
}
const external = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '30' } } }
const container = {
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container: 'app', target: { type: 'Utilization', averageUtilization: 60 } },
}

describe('an autoscaler', () => {
  it('gets the defaults of Kubernetes', () => {
    const { spec, status } = created(horizontalPodAutoscalers, {
      ...scaler({ behavior: { scaleDown: { selectPolicy: 'Min' } } }),
      status: { desiredReplicas: 7 },
    })
    expect(spec).toMatchObject({ minReplicas: 1, metrics: [cpu(80)] })
    expect(spec.behavior).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
    })
    expect(status).toEqual({ desiredReplicas: 0 })
  })

  it.each<[string, object, string[]]>([
    [
      'bounds that cannot be',
      { minReplicas: 3, maxReplicas: 0 },
      [
        'spec.maxReplicas: Invalid value: 0: must be greater than 0',
        'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      ],
    ],
    [
      'nothing to fall to',
      { minReplicas: 0 },
      [
        'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
        'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      ],
    ],
    [
      'nothing to scale',
      { scaleTargetRef: { name: 'a/b' } },
      ['spec.scaleTargetRef.kind: Required value', `spec.scaleTargetRef.name: Invalid value: "a/b": may not contain '/'`],
    ],
    [
      'a metric of no type',
      { metrics: [{}] },
      [
        'spec.metrics[0].type: Required value: must specify a metric source type',
        ...Array.from(
          { length: 2 },
          () =>
            'spec.metrics[0].type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
        ),
      ],
    ],
    [
      'a metric of another type',
      { metrics: [{ ...cpu(50), type: 'Pods' }] },
      ['spec.metrics[0].pods: Required value: must populate information for the given metric source'],
    ],
    [
      'two metrics in one',
      { metrics: [{ ...cpu(50), ...pods }] },
      ['spec.metrics[0].resource: Forbidden: must populate the given metric source only'],
    ],
    [
      'a use that is not told',
      { metrics: [{ type: 'Resource', resource: { name: '', target: { type: 'Share' } } }] },
      [
        'spec.metrics[0].resource.name: Required value: must specify a resource name',
        'spec.metrics[0].resource.target.type: Invalid value: "Share": must be either Utilization, Value, or AverageValue',
        'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
      ],
    ],
    [
      'a use told twice',
      {
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0, averageValue: '0' } } },
        ],
      },
      [
        'spec.metrics[0].resource.target.averageValue: Invalid value: "0": must be positive',
        'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
        'spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
      ],
    ],
    [
      'the use of a container of no name',
      { metrics: [{ type: 'ContainerResource', containerResource: { ...container.containerResource, container: '', name: 'apples' } }] },
      [
        'spec.metrics[0].containerResource.name: Invalid value: "apples": must be a standard resource for containers',
        'spec.metrics[0].containerResource.container: Required value: must specify a container',
      ],
    ],
    [
      'numbers without an aim',
      {
        metrics: [
          { type: 'Object', object: { ...object.object, target: { type: 'Value' } } },
          { type: 'External', external: { metric: { name: '' }, target: { type: 'Value', value: '1', averageValue: '1' } } },
          { type: 'Pods', pods: { metric: { name: 'a' }, target: { type: 'Value' } } },
        ],
      },
      [
        'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue',
        'spec.metrics[1].external.metric.name: Required value: must specify a metric name',
        'spec.metrics[1].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
        'spec.metrics[2].pods.target.averageValue: Required value: must specify a positive target averageValue',
      ],
    ],
    [
      'ways that nobody goes',
      {
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 3601, selectPolicy: 'All', policies: [] },
          scaleDown: { policies: [{ type: 'Nodes', value: 0, periodSeconds: 1801 }] },
        },
      },
      [
        'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
        'spec.behavior.scaleUp.selectPolicy: Unsupported value: "All": supported values: "Disabled", "Max", "Min"',
        'spec.behavior.scaleUp.policies: Required value: must specify at least one Policy',
        'spec.behavior.scaleDown.policies[0].type: Unsupported value: "Nodes": supported values: "Percent", "Pods"',
        'spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero',
        'spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
      ],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(horizontalPodAutoscalers, scaler(spec))).toEqual(expected)
  })

  it('is printed with what its metrics say', () => {
    const shown = created(horizontalPodAutoscalers, scaler({ metrics: [cpu(50), memory, pods] }))
    expect(row(horizontalPodAutoscalers, shown)).toEqual([
      ...['h', 'Deployment/web', 'cpu: <unknown>/50%, memory: <unknown>/64Mi + 1 more...', '1', 5, 0, undefined],
    ])
    shown.status = {
      desiredReplicas: 2,
      currentReplicas: 2,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12, averageValue: '6m' } } },
        { type: 'Resource', resource: { name: 'memory', current: { averageValue: '1Mi' } } },
      ],
    }
    expect(row(horizontalPodAutoscalers, shown).slice(2, 6)).toEqual(['cpu: 12%/50%, memory: 1Mi/64Mi + 1 more...', '1', 5, 2])
    expect(row(horizontalPodAutoscalers, created(horizontalPodAutoscalers, scaler({ metrics: [object, external] })))[2]).toBe(
      '<unknown>/2k, <unknown>/30 (avg)',
    )
  })
})

describe('an autoscaler of v1', () => {
  it('is held to the rules of what it becomes', () => {
    const v1 = created(horizontalPodAutoscalersV1, scaler({ targetCPUUtilizationPercentage: 50 }))
    expect(v1.status).toEqual({ currentReplicas: 0, desiredReplicas: 0 })
    expect(refusals(horizontalPodAutoscalersV1, scaler({ targetCPUUtilizationPercentage: 0, maxReplicas: 0 }))).toEqual([
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
    ])
    expect(updateRefusals(horizontalPodAutoscalersV1, v1, ({ spec }) => void (spec.minReplicas = 0))).toEqual([
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
    ])
    expect(row(horizontalPodAutoscalersV1, v1)).toEqual(['h', 'Deployment/web', 'cpu: <unknown>/50%', '1', 5, 0, undefined])
  })

  it('says in annotations what it has no fields for, and becomes what it was', () => {
    const metrics = [memory, pods, object, external, container, cpu(50)]
    const v2 = created(horizontalPodAutoscalers, scaler({ metrics, behavior: {} }))
    v2.status = {
      desiredReplicas: 2,
      currentReplicas: 1,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 7, averageValue: '3m' } } }],
      conditions: [{ type: 'AbleToScale', status: 'True' }],
    }
    const v1 = toV1(structuredClone(v2))
    expect(v1.spec).toEqual({ scaleTargetRef, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 50 })
    expect(v1.status).toEqual({ currentReplicas: 1, desiredReplicas: 2, currentCPUUtilizationPercentage: 7 })
    const annotation = (name: string) => JSON.parse(v1.metadata.annotations?.[`autoscaling.alpha.kubernetes.io/${name}`] ?? 'null')
    expect(annotation('metrics').slice(0, 2)).toEqual([
      { type: 'Resource', resource: { name: 'memory', targetAverageValue: '64Mi' } },
      { type: 'Pods', pods: { metricName: 'rps', selector: { matchLabels: { a: 'b' } }, targetAverageValue: '10' } },
    ])
    expect(annotation('conditions')).toEqual([{ type: 'AbleToScale', status: 'True' }])
    expect(JSON.parse(JSON.stringify(toV2(structuredClone(v1))))).toEqual(JSON.parse(JSON.stringify(v2)))
  })

  it.each(['no JSON', '{"a":1}', '[1, null, {"type": 3}]', '[{"type":"Pods","pods":{"targetAverageValue":"x"}}]'])(
    'reads an annotation that is none as if it were not there: %s',
    (text) => {
      const annotations = Object.fromEntries(
        ['metrics', 'behavior', 'current-metrics', 'conditions'].map((name) => [`autoscaling.alpha.kubernetes.io/${name}`, text]),
      )
      const v1 = created(horizontalPodAutoscalersV1, { ...scaler(), metadata: { name: 'h', annotations: { ...annotations, mine: 'x' } } })
      const { spec, metadata } = toV2(v1)
      expect(spec.metrics).toEqual([cpu(80)])
      expect(metadata.annotations).toEqual({ mine: 'x' })
    },
  )
})
