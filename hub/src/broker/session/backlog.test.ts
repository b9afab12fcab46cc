import { expect, test } from 'vitest'
import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { Backlog } from './backlog.ts'

const event = (type: RawWatchEvent['type'], name: string, resourceVersion: number, more: object = {}): RawWatchEvent => {
  const object = { metadata: { name, namespace: 'default', resourceVersion: String(resourceVersion), ...more } }
  return { type, resourceVersion: String(resourceVersion), object, text: JSON.stringify({ type, object }) }
}
const drain = (backlog: Backlog): string[] => {
  const out: string[] = []
  for (let next = backlog.shift(); next !== undefined; next = backlog.shift()) {
    const { type, object } = JSON.parse(next.text) as { type: string; object: { metadata: { name: string; resourceVersion: string } } }
    out.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`)
  }
  return out
}

test.each<[string, RawWatchEvent[], string[]]>([
  ['changes of one object are its last state', [event('MODIFIED', 'a', 1), event('MODIFIED', 'a', 2)], ['MODIFIED a@2']],
  ['what the node has not heard of is added, in its last state', [event('ADDED', 'a', 1), event('MODIFIED', 'a', 2)], ['ADDED a@2']],
  ['a deletion replaces what came before it', [event('MODIFIED', 'a', 1), event('DELETED', 'a', 2)], ['DELETED a@2']],
  [
    'deleted and made again is both, because the node must let go of the first',
    [event('DELETED', 'a', 1), event('ADDED', 'a', 2), event('MODIFIED', 'a', 3)],
    ['DELETED a@1', 'ADDED a@3'],
  ],
  [
    'what was made and deleted while the node was slow is not heard of',
    [event('DELETED', 'a', 1), event('ADDED', 'a', 2), event('DELETED', 'a', 3), event('ADDED', 'a', 4)],
    ['DELETED a@1', 'ADDED a@4'],
  ],
  [
    'events leave in the order of their versions, so that a watch can be resumed from any of them',
    [event('MODIFIED', 'a', 1), event('MODIFIED', 'b', 2), event('MODIFIED', 'a', 3)],
    ['MODIFIED b@2', 'MODIFIED a@3'],
  ],
  [
    'of bookmarks the last counts, after the events before it',
    [event('BOOKMARK', '', 1), event('MODIFIED', 'a', 2), event('BOOKMARK', '', 3)],
    ['MODIFIED a@2', 'BOOKMARK @3'],
  ],
  [
    'the bookmark that ends the initial list is kept',
    [event('BOOKMARK', '', 1, { annotations: { 'k8s.io/initial-events-end': 'true' } }), event('BOOKMARK', '', 3)],
    ['BOOKMARK @1', 'BOOKMARK @3'],
  ],
])('%s', (_title, events, expected) => {
  const backlog = new Backlog()
  for (const each of events) backlog.push(each)
  expect(drain(backlog)).toEqual(expected)
})

test('memory grows with the objects and not with the changes', () => {
  const backlog = new Backlog()
  for (let version = 0; version < 10_000; version++)
    backlog.push(event((['ADDED', 'MODIFIED', 'DELETED'] as const)[version % 3] ?? 'ADDED', `pod-${version % 20}`, version))
  expect(backlog.size).toBeLessThanOrEqual(40)
})
