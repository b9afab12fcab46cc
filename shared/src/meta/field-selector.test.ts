import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/client.ts'
import { pods } from '../kinds/pod.ts'
import { configMaps } from '../kinds/config-map.ts'
import { fieldMatcher, parseFieldSelector } from './field-selector.ts'

const pod = pods.schema.parse({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'a', image: 'b' }], nodeName: 'pi-7' },
  status: { phase: 'Running' },
})

describe('a field selector', () => {
  it.each([
    ['', true],
    ['metadata.name=web', true],
    ['metadata.name==web,metadata.namespace=default', true],
    ['metadata.name!=web', false],
    ['spec.nodeName=pi-7,status.phase!=Failed', true],
    ['spec.nodeName=', false],
    ['status.podIP=', true],
    ['metadata.name=we\\,b', false],
  ])('%j matches: %s', (query, expected) => {
    expect(fieldMatcher(pods, parseFieldSelector(query))(pod)).toBe(expected)
  })

  it('takes commas and equal signs that are escaped', () => {
    expect(parseFieldSelector('a=x\\,y\\=z\\\\,b!=2')).toEqual([
      { field: 'a', operator: '=', value: 'x,y=z\\' },
      { field: 'b', operator: '!=', value: '2' },
    ])
  })

  it('refuses what is no selector, and fields the kind cannot be selected by', () => {
    expect(() => parseFieldSelector('metadata.name')).toThrow("invalid selector: 'metadata.name'; can't understand 'metadata.name'")
    expect(() => fieldMatcher(pods, parseFieldSelector('spec.foo=1'))).toThrow('field label not supported: spec.foo')
    expect(() => fieldMatcher(configMaps, parseFieldSelector('data=1'))).toThrow(
      '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
    )
  })
})

it('a selector longer than the line of a request is refused', () => {
  expect(() => parseFieldSelector('a=b,'.repeat(5000))).toThrow('a selector has at most 16384 characters')
})

it('however many terms there are, a field is read once', () => {
  let reads = 0
  const kind = {
    selectableFields: {
      'spec.x': () => {
        reads++
        return 'a'
      },
    },
  }
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'n' } } as KubeObject
  const selected = (query: string) => fieldMatcher(kind, parseFieldSelector(query))(object)
  expect(selected(Array.from({ length: 1000 }, (_, index) => `spec.x!=${index}`).join(','))).toBe(true)
  expect(reads).toBe(1)
  expect(['spec.x=a,spec.x=a', 'spec.x=a,spec.x=b', 'spec.x!=b,spec.x!=a', 'spec.x=a,spec.x!=a'].map(selected)).toEqual([
    true,
    false,
    false,
    false,
  ])
})
