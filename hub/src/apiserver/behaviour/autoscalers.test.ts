import { expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'

const at = (version: string, name = '') => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers${name}`
const scaler = (version: string, spec: object) => ({
  apiVersion: `autoscaling/${version}`,
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'h' },
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: 5, ...spec },
})
const merge = 'application/merge-patch+json'

it('an autoscaler is one in v1 and v2: v1 says in annotations what it has no fields for, and loses nothing', async () => {
  const { json } = await createTestApi()
  const { body: asked } = await json('POST', at('v1'), { body: scaler('v1', {}) })
  expect(asked.spec).toEqual({
    scaleTargetRef: { kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: 5,
    targetCPUUtilizationPercentage: 80,
  })
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } }
  const metrics = [{ type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '64Mi' } } }]
  await json('PATCH', at('v2', '/h'), { body: { spec: { metrics, behavior } }, contentType: merge })
  const { body: old } = await json('GET', at('v1', '/h'))
  expect(Object.keys(old.metadata.annotations)).toEqual(['metrics', 'behavior'].map((name) => `autoscaling.alpha.kubernetes.io/${name}`))
  await json('PATCH', at('v1', '/h'), { body: { spec: { maxReplicas: 7 } }, contentType: merge })
  const { body: now } = await json('GET', at('v2', '/h'))
  expect(now.spec).toMatchObject({ maxReplicas: 7, metrics, behavior })
  expect(now.metadata.annotations).toBeUndefined()
})

it('no sender leaves such an annotation in what is stored', async () => {
  const { json } = await createTestApi()
  const annotations = { 'autoscaling.alpha.kubernetes.io/behavior': '{}', mine: 'x' }
  const body = { ...scaler('v2', {}), metadata: { name: 'h', annotations } }
  expect((await json('POST', at('v2'), { body })).body.metadata.annotations).toEqual({ mine: 'x' })
  const patched = await json('PATCH', at('v2', '/h'), { body: { metadata: { annotations } }, contentType: merge })
  expect(patched.body.metadata.annotations).toEqual({ mine: 'x' })
})

it.each([[[null]], [[{ type: 'Resource', resource: { name: 'cpu' } }]]])(
  'what is applied is refused, not stumbled over: metrics %j',
  async (metrics) => {
    const { json } = await createTestApi()
    // Its fields are owned in v1, into which is converted what comes of an apply.
    await json('POST', at('v1'), { body: scaler('v1', {}) })
    const { code } = await json('PATCH', `${at('v2', '/h')}?fieldManager=m&force=true`, {
      body: scaler('v2', { metrics }),
      contentType: 'application/apply-patch+yaml',
    })
    expect(code).toBe(422)
  },
)
