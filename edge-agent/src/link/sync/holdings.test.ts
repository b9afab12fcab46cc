import { expect, test } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { bytesOf, Holdings } from './holdings.ts'

const object = (name: string, bytes: number, uid = `uid-${name}`): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid, annotations: { filler: 'x'.repeat(bytes) } },
})
const max = 10_000

test('what has no room is left out by its name, and what is held keeps its place', () => {
  const holdings = new Holdings(max, [object('old', 4000)])
  expect(holdings.take(object('new', 4000))).toBe(true)
  expect(holdings.take(object('aaa', 4000))).toBe(false)
  expect(holdings.take(object('small', 100))).toBe(true)
  expect(holdings.problem('pods')).toMatch(/^1 of the pods \(such as default\/aaa\) are not followed/)
  expect(holdings.take(object('old', 4100))).toBe(true)
  expect(holdings.hasRoomAgain()).toBe(false)
  holdings.drop('default/new')
  expect(holdings.hasRoomAgain()).toBe(true)
  expect(holdings.take(object('aaa', 4000))).toBe(true)
  expect(holdings.problem('pods')).toBeUndefined()
})

test('one that outgrows the room is known in its earlier state, another one of its name is not', () => {
  const holdings = new Holdings(max, [object('a', 1000)])
  expect(holdings.take(object('a', 20_000))).toBe(false)
  expect(holdings.has(object('a', 20_000))).toBe(true)
  expect(holdings.take(object('a', 20_000, 'another'))).toBe(false)
  expect(holdings.has(object('a', 20_000, 'another'))).toBe(false)
  expect(holdings.take(object('b', 8000))).toBe(true)
})

test('what a complete list does not name any more is gone, held or left out', () => {
  const holdings = new Holdings(max, [object('a', 9000)])
  expect(holdings.take(object('b', 9000))).toBe(false)
  holdings.keepOnly(new Set(['default/b']))
  expect(holdings.hasRoomAgain()).toBe(true)
  holdings.keepOnly(new Set())
  expect(holdings.problem('pods')).toBeUndefined()
})

test('many small parts count for what they take, and wide letters twice', () => {
  const parts = Array.from({ length: 1000 }, () => ({}))
  expect(bytesOf(parts)).toBeGreaterThan(10 * JSON.stringify(parts).length)
  expect(bytesOf('\u4e2d'.repeat(1000))).toBeGreaterThan(2000)
  expect(bytesOf('x'.repeat(1000))).toBeLessThan(1100)
})
