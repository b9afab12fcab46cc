import { describe, expect, it } from 'vitest'
import { configMap } from '../testing/api.ts'
import { applyTo, at } from '../testing/apply.ts'

const merge = 'application/merge-patch+json'

describe('an apply', () => {
  it.each<[string, unknown, number, string]>([
    ['', configMap('a'), 422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'],
    [`fieldManager=${'x'.repeat(129)}`, configMap('a'), 422, 'fieldManager: Too long: may not be more than 128 bytes'],
    ['fieldManager=m', { ...configMap('a'), kind: 'Secret' }, 400, 'invalid object type: /v1, Kind=Secret'],
    ['fieldManager=m', { ...configMap('a'), apiVersion: 'apps/v1' }, 400, 'invalid object type: apps/v1, Kind=ConfigMap'],
    ['fieldManager=m', {}, 400, 'invalid object type: /, Kind='],
    ['fieldManager=m', '[]', 400, 'error decoding YAML'],
    ['fieldManager=m', configMap('b'), 400, 'the name of the object (b) does not match the name on the URL (a)'],
    ['fieldManager=m', configMap('a', {}, { managedFields: [] }), 400, 'metadata.managedFields must be nil'],
    [
      'fieldManager=m',
      { ...configMap('a'), dota: {} },
      500,
      'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .dota: field not declared in schema',
    ],
    [
      'fieldManager=m',
      { ...configMap('a'), data: { x: 1 }, immutable: 'yes' },
      500,
      'failed to create typed patch object (/a; /v1, Kind=ConfigMap): errors:\n  .data.x: expected string, got &value.valueUnstructured{Value:1}\n  .immutable: expected boolean, got &{yes}',
    ],
    [
      'fieldManager=m',
      configMap('a', {}, { uid: 'u' }),
      409,
      'uid mismatch: the provided object specified uid u, and no existing object was found',
    ],
  ])('refuses %s %j', async (query, body, code, message) => {
    const { apply } = await applyTo()
    const answer = await apply(`${at}/a`, body, query)
    expect(answer).toMatchObject({ code, body: { code, message: expect.stringContaining(message) as string } })
    if (code === 500) expect(answer.body).not.toHaveProperty('reason')
  })

  it('only an apply may be forced', async () => {
    const { json } = await applyTo()
    expect((await json('PATCH', `${at}/a?force=true`, { body: {}, contentType: merge })).body.message).toContain(
      'force: Forbidden: may not be specified for non-apply patch',
    )
  })

  it('is about the object that its uid tells', async () => {
    const { as, get } = await applyTo()
    await as('me', `${at}/a`, configMap('a', { k: '1' }))
    expect((await as('me', `${at}/a`, configMap('a', { k: '2' }, { uid: 'other' }))).code).toBe(409)
    const { uid } = (await get(`${at}/a`)).metadata
    expect((await as('me', `${at}/a`, configMap('a', { k: '2' }, { uid }))).code).toBe(200)
    expect((await as('me', `${at}/a`, configMap('a', { k: '3' }, { resourceVersion: '1' }))).code).toBe(409)
  })

  it('dry, it tells what it would do and does nothing', async () => {
    const { as, json, get } = await applyTo()
    const tried = await as('me', `${at}/a`, configMap('a', { k: '1' }), '&dryRun=All')
    expect(tried).toMatchObject({ code: 201, body: { data: { k: '1' }, metadata: { managedFields: [{ manager: 'me' }] } } })
    expect((await json('GET', `${at}/a`)).code).toBe(404)
    await as('me', `${at}/a`, configMap('a', { k: '1' }))
    const before = await get(`${at}/a`)
    expect((await as('you', `${at}/a`, configMap('a', { l: '1' }), '&dryRun=All')).body.metadata.managedFields).toHaveLength(2)
    expect(await get(`${at}/a`)).toEqual(before)
  })
})
