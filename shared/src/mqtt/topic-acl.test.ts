import { describe, expect, test } from 'vitest'
import { mayPublish, mayRetain, maySubscribe, topics } from './topic-acl.ts'
import type { Identity } from './topic.ts'
import { controlDown } from './topics/control-down.ts'

const hub: Identity = { type: 'hub' }
const pi1: Identity = { type: 'node', name: 'pi-1' }
const joining: Identity = { type: 'joining', id: 'abc123' }

describe('who may use which topic', () => {
  test.each<[Identity, string, boolean, boolean]>([
    // identity, topic, may publish, may subscribe
    [pi1, '$bramble/v1/n/pi-1/u/s1', true, false],
    [pi1, '$bramble/v1/n/pi-1/d/s1', false, true],
    [pi1, '$bramble/v1/n/pi-2/u/s1', false, false],
    [pi1, '$bramble/v1/n/pi-2/d/s1', false, false],
    [pi1, 'bramble/home/node/pi-1/availability', true, false],
    [pi1, 'bramble/home/node/pi-2/availability', false, false],
    [pi1, '$bramble/v1/join/abc123/q', false, false],
    [pi1, '$bramble/v1/join/abc123/a', false, false],
    [joining, '$bramble/v1/join/abc123/q', true, false],
    [joining, '$bramble/v1/join/abc123/a', false, true],
    [joining, '$bramble/v1/join/other1/q', false, false],
    [joining, '$bramble/v1/join/other1/a', false, false],
    [joining, '$bramble/v1/n/pi-1/d/s1', false, false],
    [joining, 'bramble/home/node/pi-1/availability', false, false],
    [hub, '$bramble/v1/n/pi-1/d/s1', true, false],
    [hub, '$bramble/v1/n/pi-1/u/s1', false, true],
    [hub, 'bramble/home/node/pi-1/availability', true, true],
    // Wildcards and near misses are no topic of the contract.
    [pi1, '#', false, false],
    [pi1, '$bramble/#', false, false],
    [pi1, '$bramble/v1/n/pi-1/d/+', false, false],
    [pi1, '$bramble/v1/n/+/d/s1', false, false],
    [pi1, '$bramble/v1/n/pi-1/d/s1/more', false, false],
    [pi1, '$bramble/v1/n/pi-1/d/', false, false],
    [pi1, '$SYS/broker', false, false],
    [pi1, '$share/group/$bramble/v1/n/pi-1/d/s1', false, false],
    [joining, '$bramble/v1/join/+/a', false, false],
    [pi1, 'bramble/home/anything', false, false],
  ])('%j on %s', (identity, topic, publish, subscribe) => {
    expect([mayPublish(identity, topic), maySubscribe(identity, topic)]).toEqual([publish, subscribe])
  })
})

test('only availability may be retained', () => {
  expect(mayRetain('bramble/home/node/pi-1/availability')).toBe(true)
  expect(mayRetain('$bramble/v1/n/pi-1/u/s1')).toBe(false)
  expect(mayRetain('$bramble/v1/join/abc123/q')).toBe(false)
})

test('the control plane stays out of sight of a subscription to everything', () => {
  for (const { pattern, retained } of topics) if (pattern.startsWith('$')) expect(retained).toBe(false)
  expect(topics.filter(({ pattern }) => !pattern.startsWith('$')).map(({ pattern }) => pattern)).toEqual([
    'bramble/{fleet}/node/{node}/availability',
  ])
})

test.each(['', 'a/b', 'a+', '#', 'x'.repeat(300)])('a value that is no topic level is refused: %j', (node) => {
  expect(() => controlDown.with({ node, session: 's' })).toThrow(/needs a level for node/)
})
