import { describe, expect, it } from 'vitest'
import { configuredFields } from './fields-of.ts'
import { difference, type FieldSet, isEmpty, pathsOf, union } from './field-set.ts'
import { apply, differs, nothing, owned, type Spec, specNode, update, type World } from './testing.ts'

describe('an apply', () => {
  it('removes nested fields that nobody owns any more, and what becomes empty with them', () => {
    const first = apply(nothing, 'one', { text: 'x', deep: { a: { b: '1', c: '1' } } })
    expect(first.spec).toEqual({ text: 'x', deep: { a: { b: '1', c: '1' } } })
    expect(apply(first, 'one', { text: 'x', deep: { a: { c: '1' } } }).spec).toEqual({ text: 'x', deep: { a: { c: '1' } } })
    const both = apply(first, 'two', { deep: { a: { b: '1' } } })
    expect(apply(both, 'one', { text: 'x' }).spec).toEqual({ text: 'x', deep: { a: { b: '1' } } })
    expect(apply(first, 'one', { text: 'x' }).spec).toEqual({ text: 'x' })
  })

  it('leaves what an update has set beside it', () => {
    const first = apply(nothing, 'one', { map: { a: '1' } })
    const then = update(first, 'two', { map: { a: '1', b: '2' } })
    expect(owned(then)).toEqual({ one: { 'f:map': { 'f:a': {} } }, two: { 'f:map': { 'f:b': {} } } })
    expect(apply(then, 'one', {}).spec).toEqual({ map: { b: '2' } })
  })

  it('removes an item with whoever owns it, and keeps it for who has applied it as well', () => {
    const first = apply(nothing, 'one', { parts: [{ name: 'a', value: '1' }, { name: 'b' }] })
    const then = update(first, 'two', { parts: [{ name: 'a', value: '1', words: ['w'] }, { name: 'b' }] })
    expect(owned(then)['two']).toEqual({ 'f:parts': { 'k:{"name":"a"}': { 'f:words': { '.': {}, 'v:"w"': {} } } } })
    expect(apply(then, 'one', {}).spec).toEqual({})
    const both = apply(then, 'three', { parts: [{ name: 'a' }] })
    const left = apply(both, 'one', {})
    expect(left.spec).toEqual({ parts: [{ name: 'a', words: ['w'] }] })
    expect(owned(left)).toEqual({ one: {}, two: owned(then)['two'], three: { 'f:parts': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} } } } })
  })

  it('leaves what nobody has applied in an item that stays', () => {
    const both = apply(apply(nothing, 'one', { parts: [{ name: 'a' }] }), 'two', { parts: [{ name: 'a' }] })
    const world = { ...both, spec: { parts: [{ name: 'a', value: 'by admission' }] } }
    expect(apply(world, 'one', {}).spec).toEqual(world.spec)
  })

  it('knows items by all of their keys, with the default of one that is left out', () => {
    const first = apply(nothing, 'one', { parts: [{ name: 'a', ports: [{ port: 1 }, { port: 1, protocol: 'UDP' }] }] })
    expect(apply(first, 'two', { parts: [{ name: 'a', ports: [{ port: 1, protocol: 'TCP', name: 'x' }] }] }).spec).toEqual({
      parts: [
        {
          name: 'a',
          ports: [
            { port: 1, protocol: 'TCP', name: 'x' },
            { port: 1, protocol: 'UDP' },
          ],
        },
      ],
    })
  })

  it.each<[readonly string[], readonly string[], readonly string[]]>([
    [['a', 'b', 'c'], ['d'], ['a', 'b', 'c', 'd']],
    [
      ['a', 'b', 'c'],
      ['c', 'a'],
      ['b', 'c', 'a'],
    ],
    [
      ['a', 'b', 'c'],
      ['b', 'd', 'c'],
      ['a', 'b', 'd', 'c'],
    ],
    [
      ['a', 'b'],
      ['d', 'b', 'e'],
      ['a', 'd', 'b', 'e'],
    ],
    [
      ['a', 'x', 'b'],
      ['b', 'a', 'n'],
      ['x', 'b', 'a', 'n'],
    ],
    [[], ['b', 'a'], ['b', 'a']],
  ])('puts the items %j and %j in the order %j', (live, config, order) => {
    const world = update(nothing, 'other', { set: live })
    expect(apply(world, 'me', { set: config }).spec).toEqual({ set: order })
  })

  it('takes what is atomic as one value with one owner', () => {
    const first = apply(nothing, 'one', { one: { a: '1' }, list: ['a'] })
    expect(owned(first)).toEqual({ one: { 'f:one': {}, 'f:list': {} } })
    expect(apply(first, 'two', { one: { b: '1' }, list: ['a', 'b'] }).conflict).toEqual(['.spec.list', '.spec.one'])
    expect(apply(first, 'two', { one: { a: '1' } }).conflict).toBeUndefined()
    expect(apply(first, 'two', { one: { b: '1' } }, true).spec).toEqual({ one: { b: '1' }, list: ['a'] })
  })

  it('deduces the type of what no type knows: objects have members, lists are one value', () => {
    const first = apply(nothing, 'one', { free: { a: { b: 1 }, list: [{ name: 'x' }] } })
    expect(owned(first)).toEqual({ one: { 'f:free': { 'f:a': { '.': {}, 'f:b': {} }, 'f:list': {} } } })
    const both = apply(first, 'two', { free: { a: { c: 2 } } })
    expect(both.spec).toEqual({ free: { a: { b: 1, c: 2 }, list: [{ name: 'x' }] } })
    expect(apply(both, 'two', { free: { list: [] } }).conflict).toEqual(['.spec.free.list'])
    expect(apply(both, 'one', { free: { a: 'text' } }).conflict).toEqual(['.spec.free.a', '.spec.free.a.c'].slice(0, 1))
    expect(apply(both, 'one', {}).spec).toEqual({ free: { a: { c: 2 } } })
  })

  it('is a conflict with whoever owns what it would change, and none where the value is the same', () => {
    const world = update(apply(nothing, 'one', { text: 'a', map: { k: '1' } }), 'two', { text: 'a', map: { k: '1' }, count: 1 })
    expect(apply(world, 'three', { text: 'b', map: { k: '2' }, count: 2 }).conflict).toEqual(['.spec.map.k', '.spec.text', '.spec.count'])
    const shared = apply(world, 'three', { text: 'a', count: 1 })
    expect(owned(shared)).toEqual({
      one: { 'f:text': {}, 'f:map': { 'f:k': {} } },
      two: { 'f:count': {} },
      three: { 'f:text': {}, 'f:count': {} },
    })
    expect(apply(shared, 'three', { text: 'b' }).conflict).toEqual(['.spec.text'])
    // Who lets go of a value leaves it to the other.
    expect(apply(shared, 'three', {}).spec).toEqual({ text: 'a', map: { k: '1' }, count: 1 })
  })

  it('begins to track what nobody has tracked with what is there', () => {
    const world: World = { spec: { text: 'a', map: { k: '1' } }, owners: new Map() }
    const then = apply(world, 'me', { map: { l: '1' } })
    expect(owned(then)).toEqual({ 'before-first-apply': { 'f:text': {}, 'f:map': { '.': {}, 'f:k': {} } }, me: { 'f:map': { 'f:l': {} } } })
    expect(owned(update(world, 'you', { text: 'b' }))).toEqual({})
  })
})

/** The same every time: a seed each. */
function random(seed: number) {
  let state = seed
  const below = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  const some = <T>(all: readonly T[]): T[] => all.filter(() => below(2) === 0)
  /** What is configured with nothing in it is nobody's once it is stored, so there is something. */
  const someOf = <T>(all: readonly T[]): T[] => [...all.slice(0, 1), ...some(all.slice(1))]
  const value = (): string => `v${below(2)}`
  const mapOf = () => Object.fromEntries(someOf(['a', 'b', 'c']).map((key) => [key, value()]))
  const partOf = (name: string) => ({
    name,
    ...(below(2) === 0 && { value: value() }),
    ...(below(2) === 0 && { words: someOf(['x', 'y', 'z']) }),
    ...(below(2) === 0 && { ports: someOf([1, 2]).map((port) => ({ port, ...(below(2) === 0 && { protocol: 'UDP' }), name: value() })) }),
  })
  const parts: Readonly<Record<string, () => unknown>> = {
    ...{
      text: value,
      count: () => below(2),
      map: mapOf,
      one: mapOf,
      set: () => someOf(['a', 'b', 'c', 'd']),
      list: () => some(['a', 'b']),
    },
    parts: () => someOf(['p', 'q', 'r']).map(partOf),
    deep: () => ({ a: { b: value(), ...(below(2) === 0 && { c: value() }) } }),
    free: () => ({ a: below(2) === 0 ? { x: value() } : [value()], ...(below(2) === 0 && { b: value() }) }),
  }
  const spec = (): Spec => Object.fromEntries(some(Object.keys(parts)).map((name) => [name, parts[name]?.()]))
  return { below, spec }
}

const specFields = (world: World, manager: string): FieldSet => (owned(world)[manager] ?? {}) as FieldSet

it('whoever applies anything, in whatever order, each owns what he configured last and nobody loses what is his unasked', () => {
  for (let seed = 1; seed <= 150; seed++) {
    const { below, spec } = random(seed)
    let world: World = nothing
    for (let step = 0; step < 8; step++) {
      const manager = ['one', 'two', 'three'][below(3)] ?? ''
      if (below(4) === 0) {
        world = update(world, 'updater', spec())
        continue
      }
      const config = spec()
      const before = world
      const label = `seed ${seed}, step ${step}, ${manager}: ${JSON.stringify({ before: before.spec, owned: owned(before), config })}`
      const free = apply(before, manager, config)
      const after = apply(before, manager, config, true)
      const fields = configuredFields(specNode, config)

      // He owns what he configured, and it is there.
      expect(specFields(after, manager), label).toEqual(fields)
      const there = configuredFields(specNode, after.spec)
      expect([...pathsOf(difference(fields, there))], label).toEqual([])
      // What was his alone and is configured no more is gone.
      const others = Object.keys(owned(before)).filter((name) => name !== manager)
      const ofOthers = others.map((name) => specFields(before, name)).reduce(union, {})
      const dropped = difference(difference(specFields(before, manager), fields), ofOthers)
      const leftOver = [...pathsOf(dropped)].filter((path) => isLeafThere(there, path))
      expect(leftOver, label).toEqual([])
      // The others own what they owned, but for what was taken: and that is what the conflict says.
      const lost = others.map((name) => difference(specFields(before, name), specFields(after, name))).reduce(union, {})
      if (free.conflict === undefined) {
        expect(differs(free.spec, after.spec), label).toBe(false)
        // An item takes along what others had set in it.
        expect(
          [...pathsOf(lost)].filter((path) => isLeafThere(there, path)),
          label,
        ).toEqual([])
      } else expect(free.conflict.length, label).toBeGreaterThan(0)
      // To say it again changes nothing.
      const again = apply(after, manager, config)
      expect(again.conflict, label).toBeUndefined()
      expect(again.spec, label).toEqual(after.spec)
      expect(owned(again), label).toEqual(owned(after))
      world = after
    }
  }
})

const isLeafThere = (set: FieldSet, path: readonly string[]): boolean => {
  const node = path.reduce<FieldSet | undefined>((at, element) => at?.[element], set)
  return node !== undefined && isEmpty(node)
}
