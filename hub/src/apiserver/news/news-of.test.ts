import { expect, test } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'
import type { Entry, StoreEvent } from '../../store/store.ts'
import { newsOf } from './news-of.ts'

const entry = (name: string, revision: number, value = 'x'): Entry => ({ key: `/core/nodes/${name}`, value, createRevision: 1, revision })
const put = (entry: Entry, previous?: Entry): StoreEvent => ({ type: 'put', entry, previous })
const gone = (previous: Entry, revision: number): StoreEvent => ({ type: 'delete', entry: { ...previous, revision }, previous })

const [a1, a2, a3, b2] = [entry('a', 1), entry('a', 2, 'y'), entry('a', 3), entry('b', 2)]
const broken = entry('a', 2, '')

test.each<[string, readonly StoreEvent[], readonly string[]]>([
  ['what is new', [put(b2)], ['ADDED b@2']],
  ['of several changes the last', [put(a2, a1), put({ ...a2, revision: 3 }, a2)], ['MODIFIED a@3']],
  ['what is new and has changed since is new', [put(b2), put(entry('b', 3), b2)], ['ADDED b@3']],
  ['nothing of what looks as it did', [put(a2, a1), put(a3, a2)], []],
  ['what went', [gone(a1, 2)], ['DELETED a@2']],
  ['nothing of what came and went', [put(b2), gone(b2, 3)], []],
  ['what went and came again as both', [gone(a1, 2), put(a3)], ['DELETED a@2', 'ADDED a@3']],
  ['one end of what came and went twice', [gone(a1, 2), put(a3), gone(a3, 4)], ['DELETED a@2']],
  ['what can no longer be read as it was known', [put(broken, a1)], []],
  ['what can be read again', [put(a3, broken)], ['ADDED a@3']],
  ['all by revision', [put(a2, a1), put(b2), put({ ...a2, revision: 5 }, a2)], ['ADDED b@2', 'MODIFIED a@5']],
])('of several changes one hears %s', (_, changes, heard) => {
  const kind = kinds.find(({ resource }) => resource === 'nodes')
  if (kind === undefined) throw new Error('no Nodes')
  const registry = {
    hasText: (_: unknown, { value }: Entry) => value !== '',
    looksSame: (_: unknown, a: Entry, b: Entry) => a.value === b.value,
  }
  const told = newsOf(kind, registry, changes)
  expect(told.map(({ type, entry: { key, revision } }) => `${type} ${key.slice('/core/nodes/'.length)}@${revision}`)).toEqual(heard)
})
