import { kinds } from '@bramble/shared/kinds.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { expect, it } from 'vitest'
import { objectMessage } from './envelope.ts'
import { endOfList, splitList } from './split-list.ts'

const strings = ['', 'a', '"', '\\', '\\"', '{', '}]', '"items":[', 'é', '😀', '\u0000', 'x'.repeat(200)]
let state = 7
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}
const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T // within the list

function anything(depth: number): unknown {
  if (depth === 0 || random() < 0.3) return pick<unknown>([...strings, 0, -1, 1.5, 2 ** 40, true, false, null, '2026-01-01T00:00:00.5Z'])
  const size = Math.floor(random() * 4)
  if (random() < 0.4) return Array.from({ length: size }, () => anything(depth - 1))
  return Object.fromEntries(Array.from({ length: size }, () => [pick([...strings, 'name', 'spec']), anything(depth - 1)]))
}

it('finds the items wherever the pieces of the text end', async () => {
  for (let round = 0; round < 1000; round++) {
    const items = Array.from({ length: Math.floor(random() * 5) }, () => ({ value: anything(4) }))
    const head = { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '7' } }
    const bytes = Buffer.from(JSON.stringify({ ...head, items }))
    const most = pick([1, 3, 50, 10_000])
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += most) yield bytes.subarray(at, at + most)
    }
    const list = splitList(pieces())
    const found: unknown[] = []
    for await (const text of list.texts) found.push(text === endOfList ? 'end' : JSON.parse(text))
    expect(found).toEqual([...items, 'end'])
    expect(list.head()).toMatchObject(head)
  }
})

it('writes whatever lies in the place of a field, of every kind', () => {
  for (const { node, kind, ...named } of kinds) {
    const speaks = { kind, apiVersion: apiVersionOf(named), node }
    if (node.tag !== 'object') throw new Error('a kind is an object')
    for (let round = 0; round < 100; round++) {
      const members = [...node.fields.keys()].map((name) => [name, anything(4)] as const)
      expect(objectMessage({ ...Object.fromEntries(members), kind, apiVersion: speaks.apiVersion }, speaks)).toBeInstanceOf(Uint8Array)
    }
  }
})
