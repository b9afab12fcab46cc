import { expect, test } from 'vitest'
import { metricSpec, metricStatus } from '../../types/autoscaler-metrics.ts'
import { metricFromV1, metricToV1, statusFromV1, statusToV1 } from './autoscaler-v1-metrics.ts'

const selector = { matchLabels: { a: 'b' } }
const describedObject = { kind: 'Service', name: 'web', apiVersion: 'v1' }
const metric = { name: 'requests', selector }

test.each([
  [
    { type: 'Object', object: { describedObject, metric, target: { type: 'Value', value: '5' } } },
    { type: 'Object', object: { target: describedObject, metricName: 'requests', targetValue: '5', selector } },
  ],
  [
    { type: 'Object', object: { describedObject, metric, target: { type: 'AverageValue', averageValue: '2' } } },
    { type: 'Object', object: { target: describedObject, metricName: 'requests', targetValue: '0', selector, averageValue: '2' } },
  ],
  [
    { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '2' } } },
    { type: 'Pods', pods: { metricName: 'requests', targetAverageValue: '2', selector } },
  ],
  [
    { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 70 } } },
    { type: 'Resource', resource: { name: 'memory', targetAverageUtilization: 70 } },
  ],
  [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '1' } } },
    { type: 'Resource', resource: { name: 'cpu', targetAverageValue: '1' } },
  ],
  [
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', target: { type: 'AverageValue', averageValue: '1' } } },
    { type: 'ContainerResource', containerResource: { name: 'cpu', targetAverageValue: '1', container: 'c' } },
  ],
  [
    { type: 'External', external: { metric, target: { type: 'Value', value: '5' } } },
    { type: 'External', external: { metricName: 'requests', metricSelector: selector, targetValue: '5' } },
  ],
  [
    { type: 'External', external: { metric, target: { type: 'AverageValue', averageValue: '5' } } },
    { type: 'External', external: { metricName: 'requests', metricSelector: selector, targetAverageValue: '5' } },
  ],
])('what is wanted: %j is %j in v1, and comes back', (v2, v1) => {
  const told = JSON.stringify(metricToV1(metricSpec.parse(v2)))
  expect(told).toBe(JSON.stringify(v1))
  expect(metricSpec.parse(metricFromV1(JSON.parse(told)))).toEqual(metricSpec.parse(v2))
})

test.each([
  [
    { type: 'Object', object: { metric, current: { value: '5', averageValue: '2' }, describedObject } },
    { type: 'Object', object: { target: describedObject, metricName: 'requests', currentValue: '5', selector, averageValue: '2' } },
  ],
  [
    { type: 'Pods', pods: { metric, current: { averageValue: '2' } } },
    { type: 'Pods', pods: { metricName: 'requests', currentAverageValue: '2', selector } },
  ],
  [
    { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 70, averageValue: '1' } } },
    { type: 'Resource', resource: { name: 'cpu', currentAverageUtilization: 70, currentAverageValue: '1' } },
  ],
  [
    { type: 'ContainerResource', containerResource: { name: 'cpu', current: { averageValue: '1' }, container: 'c' } },
    { type: 'ContainerResource', containerResource: { name: 'cpu', currentAverageValue: '1', container: 'c' } },
  ],
  [
    { type: 'External', external: { metric, current: { value: '5', averageValue: '1' } } },
    {
      type: 'External',
      external: { metricName: 'requests', metricSelector: selector, currentValue: '5', currentAverageValue: '1' },
    },
  ],
])('what is seen: %j is %j in v1, and comes back', (v2, v1) => {
  const told = JSON.stringify(statusToV1(metricStatus.parse(v2)))
  expect(told).toBe(JSON.stringify(v1))
  expect(metricStatus.parse(statusFromV1(JSON.parse(told)))).toEqual(metricStatus.parse(v2))
})

test('what v1 must have and nobody said is 0', () => {
  const none = { kind: '', name: '' }
  const told = (type: object) => JSON.parse(JSON.stringify(statusToV1(metricStatus.parse({ type: '', ...type }))))
  expect(told({ object: {} }).object).toEqual({ target: none, metricName: '', currentValue: '0' })
  expect(told({ pods: {} }).pods).toEqual({ metricName: '', currentAverageValue: '0' })
  expect(told({ resource: {} }).resource).toEqual({ name: '', currentAverageValue: '0' })
  expect(told({ external: {} }).external).toEqual({ metricName: '', currentValue: '0' })
  const wanted = (type: object) => JSON.parse(JSON.stringify(metricToV1(metricSpec.parse({ type: '', ...type }))))
  expect(wanted({ object: {} }).object).toEqual({ target: none, metricName: '', targetValue: '0' })
  expect(wanted({ pods: {} }).pods).toEqual({ metricName: '', targetAverageValue: '0' })
  expect(wanted({ resource: {} }).resource).toEqual({ name: '' })
  expect(wanted({ external: {} }).external).toEqual({ metricName: '' })
})
