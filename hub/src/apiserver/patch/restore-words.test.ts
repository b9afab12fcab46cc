import { deployments } from '@bramble/shared/kinds/deployment.ts'
import { secrets } from '@bramble/shared/kinds/secret.ts'
import { expect, it } from 'vitest'
import { goText, restoreWords } from './restore-words.ts'

it.each<[unknown, string | undefined]>([
  [{ metadata: 'x' }, 'cannot restore struct from: string'],
  [{ metadata: { labels: 'invalid' } }, 'cannot restore map from string'],
  [{ metadata: { labels: [1] } }, 'cannot restore map from slice'],
  [{ metadata: { finalizers: {} } }, 'cannot restore slice from map'],
  [{ metadata: { finalizers: true } }, 'cannot restore slice from bool'],
  [{ metadata: { labels: { a: 1 } } }, 'cannot convert int64 to string'],
  [{ metadata: { labels: { a: 1.5 } } }, 'unrecognized type: string'],
  [{ metadata: { labels: { a: {} } } }, 'unrecognized type: string'],
  [{ spec: { replicas: 'two' } }, 'unrecognized type: int32'],
  [{ spec: { replicas: 1.5 } }, 'cannot convert float64 to int32'],
  [{ spec: { paused: 1 } }, 'unrecognized type: bool'],
  [{ spec: { template: { spec: { containers: [{ ports: [7] }] } } } }, 'cannot restore struct from: int64'],
  [{ metadata: null, spec: { replicas: 1, paused: null, strategy: { rollingUpdate: { maxSurge: true } } } }, undefined],
  [{ metadata: { creationTimestamp: 5 }, unknown: 1 }, undefined],
])('a Deployment %j: %s', (object, why) => {
  expect(restoreWords(deployments.node, object)).toBe(why)
})

it('bytes are text, which reads itself', () => {
  expect(restoreWords(secrets.node, { data: { a: 5 } })).toBe('cannot restore slice from int64')
  expect(restoreWords(secrets.node, { data: { a: '!' } })).toBeUndefined()
})

it('values are told as Go prints them', () => {
  expect(goText({ b: [1, 'x', null, true, 1.5], a: { c: {} } })).toBe('map[a:map[c:map[]] b:[1 x <nil> true 1.5]]')
})
