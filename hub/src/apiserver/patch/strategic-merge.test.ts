import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { type ObjectNode, typeNodeOf } from '@bramble/shared/schema/type-node.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { int32, stringMap, text } from '@bramble/shared/types/scalars.ts'
import { strategicMerge } from './strategic-merge.ts'

const port = message('Port', { port: f(1, int32), name: opt(2, text), protocol: opt(3, text) })
const container = message('Container', {
  name: f(1, text),
  image: opt(2, text),
  args: opt(3, z.array(text), { list: 'atomic' }),
  ports: opt(4, z.array(port), { patch: 'merge', key: 'port' }),
})
const volume = message('Volume', { name: f(1, text), emptyDir: opt(2, message('E', {})), hostPath: opt(3, message('H', { path: text })) })
const node = typeNodeOf(
  message('Thing', {
    containers: f(1, z.array(container), { patch: 'merge', key: 'name' }),
    volumes: opt(2, z.array(volume), { patch: 'merge,retainKeys', key: 'name' }),
    tolerations: opt(3, z.array(message('T', { key: opt(1, text) }))),
    finalizers: opt(4, z.array(text), { patch: 'merge' }),
    labels: opt(5, stringMap),
    strategy: opt(6, message('S', { type: opt(1, text), rollingUpdate: opt(2, message('R', { maxSurge: opt(1, int32) })) }), {
      patch: 'retainKeys',
    }),
    keyless: opt(7, z.array(volume), { patch: 'merge' }),
  }),
) as ObjectNode

const live = Object.freeze({
  containers: Object.freeze([
    Object.freeze({ name: 'a', image: 'a:1', args: ['x'], ports: [{ port: 80 }, { port: 443, name: 'tls' }] }),
    Object.freeze({ name: 'b', image: 'b:1' }),
  ]),
  volumes: [{ name: 'v', emptyDir: {} }],
  tolerations: [{ key: 'one' }],
  finalizers: ['f1', 'f2'],
  labels: { app: 'web', tier: 'front' },
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
})
const merged = (patch: object) => strategicMerge(live, patch, node) as typeof live & Record<string, unknown>

describe('strategicMerge', () => {
  it('merges maps member by member and takes away what is null', () => {
    expect(merged({ labels: { tier: null, env: 'prod', never: null } }).labels).toEqual({ app: 'web', env: 'prod' })
    expect(merged({ labels: null, fresh: { a: { b: null, c: 1 } } })).toMatchObject({ fresh: { a: { c: 1 } } })
    expect(merged({ labels: null })).not.toHaveProperty('labels')
  })

  it('merges the element of the same key and puts a new one first, as in the documentation of kubectl patch', () => {
    const { containers } = merged({
      containers: [
        { name: 'b', image: 'b:2' },
        { name: 'c', image: 'redis' },
      ],
    })
    expect(containers.map(({ name, image }) => `${name}=${image}`)).toEqual(['a=a:1', 'b=b:2', 'c=redis'])
    expect(merged({ containers: [{ name: 'c' }] }).containers.map(({ name }) => name)).toEqual(['c', 'a', 'b'])
  })

  it('merges lists inside elements by their own keys', () => {
    const [first] = merged({ containers: [{ name: 'a', ports: [{ port: 80, name: 'web' }], args: ['y'] }] }).containers
    expect(first).toEqual({
      name: 'a',
      image: 'a:1',
      args: ['y'],
      ports: [
        { port: 80, name: 'web' },
        { port: 443, name: 'tls' },
      ],
    })
  })

  it('replaces a list that has no merge strategy', () => {
    expect(merged({ tolerations: [{ key: 'two' }] }).tolerations).toEqual([{ key: 'two' }])
  })

  it('merges scalars as a set', () => {
    expect(merged({ finalizers: ['f3', 'f1'] }).finalizers).toEqual(['f3', 'f1', 'f2'])
  })

  it.each<[string, object, object]>([
    ['delete of an element', { containers: [{ name: 'a', $patch: 'delete' }] }, { containers: [live.containers[1]] }],
    ['delete of an element that is not there', { containers: [{ name: 'z', $patch: 'delete' }] }, { containers: live.containers }],
    ['replace of a list', { containers: [{ $patch: 'replace' }, { name: 'z' }] }, { containers: [{ name: 'z' }] }],
    ['replace of a list by nothing', { containers: [{ $patch: 'replace' }] }, { containers: [] }],
    [
      'replace of an element',
      { containers: [{ name: 'b', $patch: 'delete' }, { name: 'z' }] },
      { containers: [{ name: 'z' }, live.containers[0]] },
    ],
    [
      'merge of an element',
      { containers: [{ name: 'b', $patch: 'merge', image: 'x' }] },
      { containers: [live.containers[0], { name: 'b', image: 'x' }] },
    ],
    ['replace of a map', { labels: { $patch: 'replace', only: 'this' } }, { labels: { only: 'this' } }],
    ['delete of a map', { labels: { $patch: 'delete' } }, { labels: {} }],
  ])('obeys $patch: %s', (_, patch, wanted) => {
    expect(merged(patch)).toEqual({ ...live, ...wanted })
  })

  it('takes from the primitive list what $deleteFromPrimitiveList names', () => {
    expect(merged({ '$deleteFromPrimitiveList/finalizers': ['f1', 'x'], finalizers: ['f9'] }).finalizers).toEqual(['f9', 'f2'])
    expect(merged({ '$deleteFromPrimitiveList/finalizers': ['f9'], finalizers: ['f9'] }).finalizers).toEqual(['f1', 'f2'])
    expect(merged({ '$deleteFromPrimitiveList/none': ['f1'] })).toEqual(live)
  })

  it('keeps only what $retainKeys names', () => {
    expect(merged({ strategy: { $retainKeys: ['type'], type: 'Recreate' } }).strategy).toEqual({ type: 'Recreate' })
    expect(merged({ volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/' } }] }).volumes).toEqual([
      { name: 'v', hostPath: { path: '/' } },
    ])
    expect(merged({ fresh: { $retainKeys: ['a'], a: 1 } })).toMatchObject({ fresh: { a: 1 } })
  })

  it('orders as $setElementOrder says, with what the sender does not know kept in its place', () => {
    const order = (names: readonly string[], patch: object = {}) =>
      merged({ '$setElementOrder/containers': names.map((name) => ({ name })), ...patch }).containers.map(({ name }) => name)
    expect(order(['b', 'a'])).toEqual(['b', 'a'])
    expect(order(['b', 'c', 'a'], { containers: [{ name: 'c' }] })).toEqual(['b', 'c', 'a'])
    expect(order(['b', 'c'], { containers: [{ name: 'c' }] })).toEqual(['a', 'b', 'c'])
    expect(merged({ '$setElementOrder/finalizers': ['f2', 'f3', 'f1'], finalizers: ['f3'] }).finalizers).toEqual(['f2', 'f3', 'f1'])
    expect(merged({ '$setElementOrder/nothing': [{ name: 'x' }] })).toEqual(live)
  })

  it('leaves no directive in what is new', () => {
    const fresh = {
      containers: [{ name: 'n', ports: [{ port: 1, $patch: 'delete' }, { port: 2 }], '$setElementOrder/ports': [{ port: 2 }] }],
    }
    expect(strategicMerge({}, fresh, node)).toEqual({ containers: [{ name: 'n', ports: [{ port: 2 }] }] })
  })

  it('tells keys of different types apart', () => {
    const [first] = merged({ containers: [{ name: 'a', ports: [{ port: '80', name: 'text' }] }] }).containers
    expect(first).toMatchObject({ ports: [{ port: '80' }, { port: 80 }, { port: 443 }] })
  })

  it.each<[string, object, string]>([
    [
      'an element without its key',
      { containers: [{ image: 'x' }] },
      'containers[0]: {"image":"x"} does not contain declared merge key: name',
    ],
    ['an unknown directive', { labels: { $patch: 'merges' } }, 'labels.$patch: expected delete, replace or merge, found "merges"'],
    ['a list where elements are objects', { containers: ['x'] }, 'containers[0]: expected an object'],
    ['$retainKeys that forgets a key', { strategy: { $retainKeys: ['a'], type: 'x' } }, 'does not have "type"'],
    ['an order that forgets an element', { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'n' }] }, "doesn't match"],
    ['a scalar to delete', { '$deleteFromPrimitiveList/finalizers': 'f1' }, 'expected a list'],
    ['a keyless list', { keyless: [{ name: 'x' }] }, 'no merge key'],
  ])('refuses %s', (_, patch, messageText) => {
    const apply = () => strategicMerge({ ...live, keyless: [{ name: 'v' }] }, patch, node)
    expect(apply).toThrow(ApiError)
    expect(apply).toThrow(messageText)
  })

  it('pollutes no prototype', () => {
    const result = strategicMerge({}, JSON.parse('{"labels":{"__proto__":{"x":1}},"constructor":{"prototype":{"y":1}}}') as object, node)
    expect(({} as Record<string, unknown>)['x'] ?? ({} as Record<string, unknown>)['y']).toBeUndefined()
    expect(Object.keys((result as { labels: object }).labels)).toEqual(['__proto__'])
  })

  it('is idempotent and changes neither argument', () => {
    const patch = {
      containers: [
        { name: 'c', image: 'c:1' },
        { name: 'a', image: 'a:2' },
      ],
      labels: { x: 'y', app: null },
    }
    const before = JSON.stringify([live, patch])
    const once = strategicMerge(live, patch, node)
    expect(strategicMerge(once, patch, node)).toEqual(once)
    expect(JSON.stringify([live, patch])).toBe(before)
  })
})

it('an element that a patch names again and again is not copied without end', () => {
  const fields = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`f${index}`, 1]))
  const again = (times: number) => ({ containers: [{ name: 'a', ...fields }, ...Array.from({ length: times }, () => ({ name: 'a' }))] })
  expect(() => strategicMerge({ containers: [{ name: 'a' }] }, again(1000), node)).toThrow(
    'containers[500]: the patch names the same elements too often: name each once',
  )
  expect(strategicMerge({ containers: [{ name: 'a' }] }, again(10), node)).toEqual({ containers: [{ name: 'a', ...fields }] })
})
