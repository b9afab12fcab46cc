import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { typeNodeOf } from '@bramble/shared/schema/type-node.ts'
import { applyPatch, type PatchRequest } from './apply-patch.ts'

const node = typeNodeOf(z.object({ kind: z.string(), a: z.unknown(), list: z.array(z.number()) }))
const object = Object.freeze({ kind: 'Thing', a: Object.freeze({ b: 1, c: 2 }), list: Object.freeze([1, 2]) })
const merge = 'application/merge-patch+json'
const json = 'application/json-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const apply = (type: PatchRequest['type'], patch: unknown) => applyPatch({ type, patch, object, node })

describe('applyPatch', () => {
  // The examples of RFC 7386, appendix A, one level down.
  it.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('merges %j with %j', (target, patch, wanted) => {
    expect(applyPatch({ type: merge, patch: { x: patch }, object: { x: target }, node })).toEqual({ x: wanted })
  })

  it('does the operations of a JSON patch in order', () => {
    expect(
      apply(json, [
        { op: 'test', path: '/a/b', value: 1 },
        { op: 'replace', path: '/a/b', value: 5 },
        { op: 'add', path: '/list/-', value: 3 },
        { op: 'remove', path: '/list/0' },
        { op: 'move', from: '/a/c', path: '/d' },
        { op: 'copy', from: '/a', path: '/e~1f' },
      ]),
    ).toEqual({ kind: 'Thing', a: { b: 5 }, list: [2, 3], d: 2, 'e/f': { b: 5 } })
    expect(object).toEqual({ kind: 'Thing', a: { b: 1, c: 2 }, list: [1, 2] })
  })

  // From the test cases of the RFC 6902 community suite.
  it.each<[object, object[], unknown]>([
    [{ foo: ['a', 'b'] }, [{ op: 'add', path: '/foo/1', value: ['c'] }], { foo: ['a', ['c'], 'b'] }],
    [{ foo: null }, [{ op: 'test', path: '/foo', value: null }], { foo: null }],
    [{ '': 1 }, [{ op: 'test', path: '/', value: 1 }], { '': 1 }],
    [{ a: { x: 1 } }, [{ op: 'move', from: '/a', path: '/a' }], { a: { x: 1 } }],
    [{ a: 1, ab: 2 }, [{ op: 'move', from: '/a', path: '/ab' }], { ab: 1 }],
    [{ l: [1, 2, 3] }, [{ op: 'move', from: '/l/0', path: '/l/2' }], { l: [2, 3, 1] }],
    [
      { a: { b: 1 } },
      [
        { op: 'test', path: '/a', value: { b: 1 } },
        { op: 'replace', path: '', value: { c: 2 } },
      ],
      { c: 2 },
    ],
    [{ '~1': 1 }, [{ op: 'replace', path: '/~01', value: 2 }], { '~1': 2 }],
    // As Kubernetes beyond the RFC: null is what is not there, and -1 is the last.
    [{ a: 1 }, [{ op: 'test', path: '/none', value: null }], { a: 1 }],
    [{ a: 1 }, [{ op: 'test', path: '/none' }], { a: 1 }],
    [{ l: [1, 2] }, [{ op: 'replace', path: '/l/-1', value: 3 }], { l: [1, 3] }],
    [{ l: [1, 2] }, [{ op: 'remove', path: '/l/-2' }], { l: [2] }],
    [{ l: [1, 2] }, [{ op: 'add', path: '/l/-1', value: 3 }], { l: [1, 2, 3] }],
    [
      { a: [] },
      [
        { op: 'add', path: '/a/-', value: { x: 1 } },
        { op: 'add', path: '/a/0/y', value: 2 },
      ],
      { a: [{ x: 1, y: 2 }] },
    ],
  ])('patches %j by %j', (target, patch, wanted) => {
    const before = JSON.stringify(patch)
    expect(applyPatch({ type: json, patch, object: target, node })).toEqual(wanted)
    expect(JSON.stringify(patch)).toBe(before)
  })

  it.each<[unknown, string]>([
    [[{ op: 'test', path: '/a/b', value: 2 }], 'operation 0 (test /a/b): test failed'],
    [[{ op: 'remove', path: '/none' }], 'operation 0 (remove /none)'],
    [[{ op: 'add', path: '/list/7', value: 1 }], 'operation 0 (add /list/7)'],
    [[{ op: 'test', path: '/none', value: {} }], 'operation 0 (test /none): test failed'],
    [[{ op: 'test', path: '/a' }], 'operation 0 (test /a): test failed'],
    [[{ op: 'test', path: '/none/x', value: null }], 'there is no member "none"'],
    [[{ op: 'replace', path: '/list/-3', value: 1 }], 'there is no element "-3" in a list of 2'],
    [[{ op: 'explode', path: '/a' }], 'operation 0 (explode /a)'],
    [[{ op: 'add', path: '/x' }], 'operation 0 (add /x)'],
    [[null], 'operation 0'],
    [[{ op: 'add', path: '/__proto__/x', value: 1 }], 'operation 0 (add /__proto__/x)'],
    [[{ op: 'add', path: '/list/01', value: 1 }], 'there is no element "01" in a list of 2'],
    [[{ op: 'replace', path: '/list/-', value: 1 }], 'there is no element "-"'],
    [[{ op: 'add', path: 'a', value: 1 }], 'path is no JSON pointer'],
    [[{ op: 'add', path: '/a~2', value: 1 }], 'path is no JSON pointer'],
    [[{ op: 'add', path: '/none/x', value: 1 }], 'there is no member "none"'],
    [[{ op: 'add', path: '/kind/x', value: 1 }], 'its parent is no object and no list'],
    [[{ op: 'move', from: '/a', path: '/a/b' }], 'a value cannot move into itself'],
    [[{ op: 'copy', path: '/a' }], 'from is a JSON pointer'],
    [[{ op: 'replace', path: '/none', value: 1 }], 'there is no member "none"'],
    [Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '', path: `/x${index}` })), 'the copies grow beyond'],
  ])('refuses the JSON patch %j', (patch, message) => {
    expect(() => apply(json, patch)).toThrow(expect.objectContaining({ reason: 'Invalid' }))
    expect(() => apply(json, patch)).toThrow(message)
  })

  it.each<[PatchRequest['type'], unknown, string]>([
    [json, { op: 'add' }, 'BadRequest'],
    [json, Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: 1 })), 'RequestEntityTooLarge'],
    [strategic, 'x', 'BadRequest'],
  ])('refuses by %s %j', (type, patch, reason) => {
    expect(() => apply(type, patch)).toThrow(ApiError)
    expect(() => apply(type, patch)).toThrow(expect.objectContaining({ reason }))
  })

  it.each<[PatchRequest['type'], unknown, unknown]>([
    [json, [{ op: 'replace', path: '', value: 7 }], 7],
    [merge, ['x'], ['x']],
    [merge, null, null],
  ])('puts in place of the whole by %s %j', (type, patch, wanted) => {
    expect(apply(type, patch)).toEqual(wanted)
  })

  it('refuses a strategic merge where the type is not known', () => {
    const request = { type: strategic, patch: {}, object } as const
    const accepted = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml'
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`
    expect(() => applyPatch({ ...request, node: undefined })).toThrow(expect.objectContaining({ reason: 'UnsupportedMediaType', message }))
    expect(() => applyPatch({ ...request, node: typeNodeOf(z.looseObject({})) })).toThrow(
      expect.objectContaining({ reason: 'UnsupportedMediaType' }),
    )
  })

  it('merges __proto__ as a member like any other', () => {
    const patched = apply(merge, JSON.parse('{"__proto__":{"x":1},"a":{"__proto__":{"y":1}}}'))
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
    expect(Object.getPrototypeOf(patched)).toBe(Object.prototype)
  })
})

describe('a small JSON patch that is much work', () => {
  const list = (length: number) => ({ kind: 'Thing', list: Array.from({ length }, () => 0) })
  const many = (operation: object) => Array.from({ length: 10_000 }, () => operation)
  it.each([
    ['moves', { op: 'move', from: '/list/0', path: '/list/999998' }],
    ['adds', { op: 'add', path: '/list/0', value: 1 }],
    ['removes', { op: 'remove', path: '/list/0' }],
  ])('is refused when its operations times the size of the list grow beyond measure: it %s', (_name, operation) => {
    expect(() => applyPatch({ type: json, patch: many(operation), object: list(1_000_000), node })).toThrow(
      /^the JSON patch cannot be applied: operation \d+ .*the operations move more than 100000000 elements of lists$/,
    )
  })

  it('is done when the list is of an ordinary size', () => {
    const patch = many({ op: 'move', from: '/list/0', path: '/list/9999' })
    expect(applyPatch({ type: json, patch, object: list(10_000), node })).toEqual(list(10_000))
  })

  it('is refused when it compares or copies more values than many objects have', () => {
    const patch = [{ op: 'test', path: '/list', value: list(400_000).list }]
    expect(() => applyPatch({ type: json, patch, object: list(400_000), node })).toThrow('compare and copy more than 300000 values')
    const copies = Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '/list', path: `/x${index}` }))
    expect(() => applyPatch({ type: json, patch: copies, object: list(10_000), node })).toThrow('compare and copy more than 300000 values')
  })

  it('is refused when it nests deeper than a body may be', () => {
    const patch = Array.from({ length: 300 }, () => [
      { op: 'add', path: '/b', value: {} },
      { op: 'move', from: '/a', path: '/b/x' },
      { op: 'move', from: '/b', path: '/a' },
    ]).flat()
    expect(() => apply(json, patch)).toThrow('the JSON patch makes something that is nested deeper than 200 levels')
    expect(() => apply(json, patch.slice(0, 300))).not.toThrow()
  })

  it('tells of a long name as much as anybody reads', () => {
    const refusal = (path: string): string => {
      try {
        apply(json, [{ op: 'remove', path }])
        return ''
      } catch (error) {
        return (error as Error).message
      }
    }
    for (const path of ['', '/list', '/kind'].map((parent) => `${parent}/${'x'.repeat(100_000)}`)) {
      expect(refusal(path)).toContain('operation 0 (remove /')
      expect(refusal(path).length).toBeLessThan(1000)
    }
  })
})
