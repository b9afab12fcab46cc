import { describe, expect, it } from 'vitest'
import { configMap } from '../testing/api.ts'
import { applyTo, at } from '../testing/apply.ts'

const merge = 'application/merge-patch+json'

describe('kubectl that has applied in the client before', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
  const noted = (data: Record<string, string>) => {
    const object = configMap('a', data)
    return {
      ...object,
      metadata: {
        ...object.metadata,
        annotations: { [annotation]: JSON.stringify({ ...object, metadata: { name: 'a', annotations: {} } }) },
      },
    }
  }

  it('meets no conflict with itself, and keeps its note', async () => {
    const { json, as, get } = await applyTo()
    await json('POST', `${at}?fieldManager=kubectl-client-side-apply`, { body: noted({ k: '1', l: '1' }) })
    expect((await as('other', `${at}/a`, configMap('a', { k: '2' }))).code).toBe(409)
    expect((await as('kubectl', `${at}/a`, configMap('a', { k: '2', l: '1' }))).code).toBe(200)
    const { metadata, data } = await get(`${at}/a`)
    expect(data).toEqual({ k: '2', l: '1' })
    expect(JSON.parse(metadata.annotations[annotation])).toEqual(configMap('a', { k: '2', l: '1' }))
  })

  it('meets one with whoever changed it since', async () => {
    const { json, as } = await applyTo()
    await json('POST', `${at}?fieldManager=kubectl-client-side-apply`, { body: noted({ k: '1', l: '1' }) })
    await json('PATCH', `${at}/a?fieldManager=other`, { body: { data: { k: '9' } }, contentType: merge })
    expect((await as('kubectl', `${at}/a`, configMap('a', { k: '2', l: '2' }))).body.message).toBe(
      'Apply failed with 1 conflict: conflict with "other" using v1: .data.k',
    )
  })
})
