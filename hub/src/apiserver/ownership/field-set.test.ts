import { describe, expect, it } from 'vitest'
import { difference, type FieldSet, intersection, pathsOf, sorted, union } from './field-set.ts'
import { readFieldSet } from './read-field-set.ts'

const all = { 'f:a': {}, 'f:b': { '.': {}, 'f:c': {}, 'f:d': {} }, 'f:e': { 'v:"x"': {} } }

describe('a set of field paths', () => {
  it.each<[FieldSet, FieldSet, FieldSet]>([
    [{}, all, all],
    [all, {}, all],
    [{ 'f:b': {} }, { 'f:b': { 'f:c': {} } }, { 'f:b': { '.': {}, 'f:c': {} } }],
    [{ 'f:b': { 'f:c': {} } }, { 'f:b': { 'f:d': {} } }, { 'f:b': { 'f:c': {}, 'f:d': {} } }],
    [{ 'f:b': { '.': {}, 'f:c': {} } }, { 'f:b': {} }, { 'f:b': { '.': {}, 'f:c': {} } }],
  ])('%j and %j are %j', (a, b, both) => {
    expect(union(a, b)).toEqual(both)
    expect(union(b, a)).toEqual(both)
  })

  it.each<[FieldSet, FieldSet, FieldSet]>([
    [all, all, {}],
    [all, {}, all],
    [all, { 'f:b': {} }, { 'f:a': {}, 'f:b': { 'f:c': {}, 'f:d': {} }, 'f:e': { 'v:"x"': {} } }],
    [all, { 'f:b': { 'f:c': {}, 'f:d': {} } }, { 'f:a': {}, 'f:b': {}, 'f:e': { 'v:"x"': {} } }],
    [all, { 'f:a': { 'f:z': {} }, 'f:e': { '.': {}, 'v:"x"': {} } }, { 'f:a': {}, 'f:b': all['f:b'] }],
    [{ 'f:b': { '.': {}, 'f:c': {} } }, { 'f:b': { '.': {}, 'f:c': {} } }, {}],
  ])('%j without %j is %j', (a, b, rest) => {
    expect(difference(a, b)).toEqual(rest)
  })

  it.each<[FieldSet, FieldSet, FieldSet]>([
    [all, all, all],
    [all, { 'f:b': {} }, { 'f:b': {} }],
    [all, { 'f:b': { 'f:c': {} }, 'f:z': {} }, { 'f:b': { 'f:c': {} } }],
    [{ 'f:b': { 'f:c': {} } }, { 'f:b': { 'f:d': {} } }, {}],
  ])('%j and %j have %j in common', (a, b, both) => {
    expect(intersection(a, b)).toEqual(both)
    expect(intersection(b, a)).toEqual(both)
  })

  it('that a change leaves as it is stays the same value, so that its text does', () => {
    expect(union(all, { 'f:b': { 'f:c': {} } })).toBe(all)
    expect(difference(all, { 'f:b': { 'f:z': {} }, 'f:z': {} })).toBe(all)
  })

  it('has its paths in order, and one text', () => {
    expect([...pathsOf(all)].map((path) => path.join(' '))).toEqual(['f:a', 'f:b', 'f:b f:c', 'f:b f:d', 'f:e v:"x"'])
    expect(JSON.stringify(sorted({ 'f:b': { 'f:c': {}, '.': {} }, 'f:a': {} }))).toBe('{"f:a":{},"f:b":{".":{},"f:c":{}}}')
  })
})

describe('a set that somebody else has written', () => {
  it('has its names as we write them', () => {
    expect(readFieldSet({ '.': {}, 'f:a': { '.': {} }, 'k:{"b":1, "a":"x"}': { 'v: 1': {} }, 'i:0': {} })).toEqual({
      'f:a': {},
      'k:{"a":"x","b":1}': { 'v:1': {} },
      'i:0': {},
    })
    expect(readFieldSet(undefined)).toEqual({})
  })

  it.each([1, 'f:a', [], { a: {} }, { 'f:a': 1 }, { 'f:a': null }, { 'k:1': {} }, { 'v:{': {} }, { 'i:x': {} }, { 'q:a': {} }])(
    '%j is none',
    (value) => {
      expect(readFieldSet(value)).toBeUndefined()
    },
  )
})
