import { describe, expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'

const group = '/apis/networking.k8s.io/v1'
const merge = 'application/merge-patch+json'
const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io'

const cidr = (name: string, cidrs?: readonly string[]) => ({
  ...{ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name } },
  ...(cidrs !== undefined && { spec: { cidrs } }),
})
const address = (name: string, parentRef?: object) => ({
  ...{ apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name }, spec: { parentRef } },
})
const parent = { resource: 'services', namespace: 'default', name: 'web' }
const messagesOf = ({ body }: Json): string[] => body.details.causes.map(({ field, message }: Json) => `${field}: ${message}`)

describe('a ServiceCIDR', () => {
  it('is taken with a warning that no addresses come of it, and never changes its networks', async () => {
    const { json } = await createTestApi()
    const made = await json('POST', `${group}/servicecidrs`, { body: cidr('a', ['10.44.0.0/24', '2001:db8::/64']) })
    expect(made.code).toBe(201)
    expect(made.headers['warning']).toContain('ServiceCIDR: is not acted on by this version')
    const changed = await json('PATCH', `${group}/servicecidrs/a`, { body: { spec: { cidrs: ['10.45.0.0/24'] } }, contentType: merge })
    expect(messagesOf(changed)).toEqual(['spec.cidrs: Invalid value: ["10.45.0.0/24"]: field is immutable'])
    const moved = { body: { spec: { cidrs: ['10.44.0.0/24', '2001:db9::/64'] } }, contentType: merge }
    expect(messagesOf(await json('PATCH', `${group}/servicecidrs/a`, moved))).toEqual([
      'spec.cidrs[1]: Invalid value: "2001:db9::/64": field is immutable',
    ])
    const { columnDefinitions, rows } = (await json('GET', `${group}/servicecidrs`, { accept: asTable })).body
    expect(columnDefinitions.map(({ name }: Json) => name)).toEqual(['Name', 'CIDRs', 'Age'])
    expect(rows[0].cells.slice(0, 2)).toEqual(['a', '10.44.0.0/24,2001:db8::/64'])
  })

  it.each<[string, readonly string[], readonly string[]]>([
    ['becomes dual-stack', ['10.44.0.0/24', '2001:db8::/64'], []],
    ['loses what it had', ['10.45.0.0/24', '2001:db8::/64'], ['spec.cidrs[0]: Invalid value: "10.45.0.0/24": field is immutable']],
    [
      'gets a second of its family',
      ['10.44.0.0/24', '10.45.0.0/24'],
      [
        'spec.cidrs: Invalid value: ["10.44.0.0/24","10.45.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    ],
  ])('of one network %s', async (_what, cidrs, messages) => {
    const { json } = await createTestApi()
    await json('POST', `${group}/servicecidrs`, { body: cidr('a', ['10.44.0.0/24']) })
    const seen = await json('PATCH', `${group}/servicecidrs/a`, { body: { spec: { cidrs } }, contentType: merge })
    expect(seen.code === 200 ? [] : messagesOf(seen)).toEqual(messages)
  })

  it.each<[string, readonly string[] | undefined, string]>([
    ['none', undefined, 'spec.cidrs: Required value: at least one CIDR required'],
    [
      'three',
      ['10.44.0.0/24', '10.45.0.0/24', '2001:db8::/64'],
      'spec.cidrs: Invalid value: {"cidrs":["10.44.0.0/24","10.45.0.0/24","2001:db8::/64"]}: may only hold up to 2 values',
    ],
    [
      'two of a family',
      ['10.44.0.0/24', '10.45.0.0/24'],
      'spec.cidrs: Invalid value: ["10.44.0.0/24","10.45.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    ],
    ['an address', ['10.44.0.1/24'], 'spec.cidrs[0]: Invalid value: "10.44.0.1/24": must not have bits set beyond the prefix length'],
  ])('may not have %s', async (_what, cidrs, message) => {
    const { json } = await createTestApi()
    expect(messagesOf(await json('POST', `${group}/servicecidrs`, { body: cidr('a', cidrs) }))).toEqual([message])
  })
})

describe('an IPAddress', () => {
  it('is called by its address and tells whose it is, for good', async () => {
    const { json } = await createTestApi()
    expect((await json('POST', `${group}/ipaddresses`, { body: address('2001:db8::1', parent) })).code).toBe(201)
    const other = { body: { spec: { parentRef: { ...parent, name: 'other' } } }, contentType: merge }
    const changed = await json('PATCH', `${group}/ipaddresses/2001:db8::1`, other)
    expect(messagesOf(changed)[0]).toMatch(/^spec.parentRef: Invalid value: .*: field is immutable$/)
    const table = await json('GET', `${group}/ipaddresses`, { accept: asTable })
    expect(table.body.rows[0].cells).toEqual(['2001:db8::1', 'services/default/web'])
  })

  it.each<[string, object, string]>([
    [
      'no address',
      address('web', parent),
      'metadata.name: Invalid value: "web": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      'an address written otherwise',
      address('2001:db8:0::1', parent),
      'metadata.name: Invalid value: "2001:db8:0::1": must be in canonical form ("2001:db8::1")',
    ],
    ['nobody', address('10.9.8.7'), 'spec.parentRef: Required value'],
    ['nobody by name', address('10.9.8.7', { resource: 'services' }), 'spec.parentRef.name: Required value'],
  ])('may not name %s', async (_what, body, message) => {
    const { json } = await createTestApi()
    expect(messagesOf(await json('POST', `${group}/ipaddresses`, { body }))).toEqual([message])
  })
})
