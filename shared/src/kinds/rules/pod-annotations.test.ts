import { expect, it } from 'vitest'
import { deployments } from '../deployment.ts'
import { type Pod, pods } from '../pod.ts'
import { mirrorAnnotation } from './pod-annotations.ts'
import { created, refusals, somePod, updateRefusals } from './testing.ts'

const appArmor = 'container.apparmor.security.beta.kubernetes.io/app'
const cost = 'controller.kubernetes.io/pod-deletion-cost'
const annotated = (annotations: Record<string, string>, spec: object = { nodeName: 'pi-1' }) =>
  somePod(spec, { metadata: { name: 'web', namespace: 'default', annotations } })

it.each([
  [mirrorAnnotation, undefined, 'x', 'may not add mirror pod annotation'],
  [mirrorAnnotation, 'x', 'y', 'may not remove or update mirror pod annotation'],
  [mirrorAnnotation, 'x', undefined, 'may not remove or update mirror pod annotation'],
  [appArmor, undefined, 'unconfined', 'may not add AppArmor annotations'],
  [appArmor, 'runtime/default', 'unconfined', 'may not remove or update AppArmor annotations'],
  [appArmor, 'runtime/default', undefined, 'may not remove or update AppArmor annotations'],
])('%s of a pod does not become %s after %s, by its object or with its status', (key, before, after, why) => {
  const previous = created(pods, annotated({ other: 'a', ...(before !== undefined && { [key]: before }) }))
  const change = ({ metadata }: Pod) =>
    Object.assign(metadata, { annotations: { other: 'b', ...(after !== undefined && { [key]: after }) } })
  const expected = [`metadata.annotations[${key}]: Forbidden: ${why}`]
  expect(updateRefusals(pods, previous, change)).toEqual(expected)
  const next = structuredClone(previous)
  change(next)
  expect(pods.statusRules?.validateUpdate?.(next, previous).map(({ field, message }) => `${field}: ${message}`)).toEqual(expected)
})

it('a mirror says on which node it is', () => {
  expect(refusals(pods, annotated({ [mirrorAnnotation]: 'x' }))).toEqual([])
  expect(refusals(pods, annotated({ [mirrorAnnotation]: 'x' }, {}))).toEqual([
    `metadata.annotations[${mirrorAnnotation}]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set`,
  ])
})

it('what it costs to end a pod is a number', () => {
  for (const text of ['0', '-5', '-08', '2147483647', '-2147483648']) expect(refusals(pods, annotated({ [cost]: text })), text).toEqual([])
  for (const text of ['', '+5', '08', '1.5', '2147483648', 'much'])
    expect(refusals(pods, annotated({ [cost]: text }))).toEqual([
      `metadata.annotations[${cost}]: Invalid value: ${JSON.stringify(text)}: must be a 32bit integer`,
    ])
  const labels = { app: 'web' }
  const template = { metadata: { labels, annotations: { [cost]: 'much' } }, spec: somePod().spec }
  expect(refusals(deployments, { metadata: { name: 'web' }, spec: { selector: { matchLabels: labels }, template } })).toEqual([
    `spec.template.annotations[${cost}]: Invalid value: "much": must be a 32bit integer`,
  ])
})
