import { expect, test } from 'vitest'
import { frozenLike } from './frozen-like.ts'

const podOf = (name: string, image: string) => ({
  metadata: { name, labels: { app: 'web' } },
  spec: {
    containers: [{ name: 'main', image, resources: { requests: { cpu: '100m' } } }],
    tolerations: [{ key: 'not-ready', seconds: 300 }],
  },
})

test('what two objects say alike they share, all the way down', () => {
  const first = frozenLike(podOf('a', 'busybox:1'), undefined)
  const second = frozenLike(podOf('b', 'busybox:1'), first)
  expect(second).toEqual(podOf('b', 'busybox:1'))
  expect(second.spec).toBe(first.spec)
  expect(second.metadata.labels).toBe(first.metadata.labels)
  const third = frozenLike(podOf('c', 'busybox:2'), second)
  expect(third).toEqual(podOf('c', 'busybox:2'))
  expect(third.spec).not.toBe(first.spec)
  expect(third.spec.tolerations).toBe(first.spec.tolerations)
  expect(third.spec.containers[0]?.resources).toBe(first.spec.containers[0]?.resources)
})

test.each([
  ['the order of names', { a: 1, b: 'x' }, { b: 'x', a: 1 }],
  ['a name more', { a: 1 }, { a: 1, b: 1 }],
  ['a name less', { a: 1, b: 1 }, { a: 1 }],
  ['a list beside an object', ['x'], { 0: 'x' }],
  ['an object beside a list', { 0: 'x' }, ['x']],
  ['lists of other lengths', [1, 2], [1]],
  ['other values', { a: ['long enough to be a text of its own', 1n, -0, null] }, { a: ['something else', 2n, 0, {}] }],
  ['what objects inherit', JSON.parse('{"constructor":{"a":1},"__proto__":{"b":["x"]},"toString":"x"}') as object, {}],
  ['inherited names in the other', {}, JSON.parse('{"constructor":{},"__proto__":{}}') as object],
  ['what is no object', 'text', { a: 1 }],
  ['nothing to share with', { a: [{ b: 'x' }] }, null],
])('it says the same as before, and is frozen: %s', (_, value, like) => {
  const before = structuredClone(value)
  const frozen = frozenLike(value, frozenLike(like, undefined))
  expect(JSON.stringify(textOf(frozen))).toBe(JSON.stringify(textOf(before)))
  expect(isFrozenWhole(frozen)).toBe(true)
})

test('what is frozen already is taken as it is, and what lies in it stays its own', () => {
  const labels = Object.freeze({ app: 'web' })
  const frozen = frozenLike({ labels }, frozenLike({ labels: { app: 'web' } }, undefined))
  expect(frozen.labels).toBe(labels)
})

/** In the order of its names, with large integers in words. */
const textOf = (value: unknown): unknown =>
  typeof value === 'bigint'
    ? `${value}n`
    : Array.isArray(value)
      ? value.map(textOf)
      : typeof value === 'object' && value !== null
        ? Object.entries(value).map(([name, of]) => [name, textOf(of)])
        : value

const isFrozenWhole = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozenWhole))
