import { describe, expect, it } from 'vitest'
import { configMaps } from './config-map.ts'
import { created, refusals, updateRefusals } from './rules/testing.ts'
import { secrets } from './secret.ts'

const named = (rest: object) => ({ metadata: { name: 'a' }, ...rest })
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('a secret', () => {
  it('is Opaque by default and takes plain text, which it stores encoded', () => {
    expect(created(secrets, named({ data: { a: base64('old'), b: base64('b') }, stringData: { a: 'new' } }))).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      type: 'Opaque',
      data: { a: base64('new'), b: base64('b') },
    })
  })

  it.each<[string, object, string]>([
    ['a key that is no file name', { data: { 'a/b': '' } }, 'data[a/b]: Invalid value: "a/b": a valid config key must consist of'],
    ['too much', { data: { a: base64('x'.repeat(1024 * 1024 + 1)) } }, 'data: Too long: may not be more than 1048576 bytes'],
    ['a certificate without its key', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, 'data[tls.key]: Required value'],
    ['no key', { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } }, 'data[ssh-privatekey]: Required value'],
    [
      'registry settings that are a list',
      { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': base64('[]') } },
      'data[.dockercfg]: Invalid value: "<secret contents redacted>"',
    ],
    [
      'registry settings that are not JSON',
      { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{') } },
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>"',
    ],
  ])('is refused for %s', (_why, rest, expected) => {
    const found = refusals(secrets, named(rest))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(expected)
  })

  it('keeps its type, and everything when it is immutable', () => {
    const open = created(secrets, named({}))
    expect(updateRefusals(secrets, open, (object) => Object.assign(object, { type: 'mine' }))).toEqual([
      'type: Invalid value: "mine": field is immutable',
    ])
    const sealed = created(secrets, named({ immutable: true, data: { a: '' } }))
    expect(updateRefusals(secrets, sealed, (object) => Object.assign(object, { data: {}, immutable: false }))).toEqual([
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ])
  })

  it('must be base64', () => {
    expect(secrets.schema.safeParse({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { a: '***' } }).success).toBe(false)
  })
})

describe('a config map', () => {
  it('is refused for one key in both of its parts', () => {
    expect(refusals(configMaps, named({ data: { a: '' }, binaryData: { a: '' } }))).toEqual([
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ])
    expect(refusals(configMaps, named({ data: { a: 'x'.repeat(1024 * 1024) } }))).toEqual([])
    expect(refusals(configMaps, named({ data: { a: 'x'.repeat(1024 * 1024), b: 'x' } }))).toHaveLength(1)
  })
})
