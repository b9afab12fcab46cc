import { describe, expect, it } from 'vitest'
import { configMap, createTestApi } from '../../testing/api.ts'

const url = '/api/v1/namespaces/default/configmaps?dryRun=All'
const owner = (more: object = {}) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', ...more })

const ask = async (metadata: Record<string, unknown>) => {
  const { json } = await createTestApi()
  const { code, body } = await json('POST', url, { body: configMap('a', {}, metadata) })
  return {
    code,
    causes: (body.details?.causes ?? []).map(({ field, message }: { field: string; message: string }) => `${field}: ${message}`),
  }
}

describe('the owners of an object', () => {
  it('are named in full, with an API version that is one', async () => {
    expect(await ask({ ownerReferences: [owner({ apiVersion: '', kind: '', name: '', uid: '' })] })).toEqual({
      code: 422,
      causes: [
        'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
        'metadata.ownerReferences.kind: Invalid value: "": kind must not be empty',
        'metadata.ownerReferences.name: Invalid value: "": name must not be empty',
        'metadata.ownerReferences.uid: Invalid value: "": uid must not be empty',
      ],
    })
    for (const apiVersion of ['a/b/c', 'apps/', '/'])
      expect((await ask({ ownerReferences: [owner({ apiVersion })] })).causes).toEqual([
        `metadata.ownerReferences.apiVersion: Invalid value: "${apiVersion}": version must not be empty`,
      ])
    expect((await ask({ ownerReferences: [owner(), owner({ apiVersion: 'v1', kind: 'Pod', uid: 'v' })] })).code).toBe(201)
  })

  it('are of a kind that owns something', async () => {
    expect((await ask({ ownerReferences: [owner({ apiVersion: 'v1', kind: 'Event' })] })).causes).toEqual([
      expect.stringContaining('/v1, Kind=Event is disallowed from being an owner'),
    ])
    expect((await ask({ ownerReferences: [owner({ apiVersion: 'example.com/v1', kind: 'Event' })] })).code).toBe(201)
  })

  it('are not thousands', async () => {
    const ownerReferences = Array.from({ length: 251 }, (_, i) => owner({ uid: `u${i}` }))
    const { code, causes } = await ask({ ownerReferences })
    expect([code, causes]).toEqual([422, ['metadata.ownerReferences: Too many: 251: must have at most 250 items']])
    expect((await ask({ ownerReferences: ownerReferences.slice(1) })).code).toBe(201)
  })

  it('have one controller among them at most', async () => {
    const two = [owner({ controller: true }), owner({ uid: 'v', controller: false }), owner({ name: 's', uid: 'w', controller: true })]
    expect((await ask({ ownerReferences: two })).causes).toEqual([
      expect.stringContaining(
        'Only one reference can have Controller set to true. Found "true" in references for ReplicaSet/r and ReplicaSet/s',
      ),
    ])
    expect((await ask({ ownerReferences: two.slice(0, 2) })).code).toBe(201)
  })
})

describe('finalizers', () => {
  it('have a domain, or are one of Kubernetes itself, and do not contradict each other', async () => {
    expect((await ask({ finalizers: ['a'] })).causes).toEqual([
      'metadata.finalizers[0]: Invalid value: "a": name is neither a standard finalizer name nor is it fully qualified',
    ])
    expect((await ask({ finalizers: ['orphan', 'foregroundDeletion'] })).causes).toEqual([
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ])
    for (const finalizer of ['example.com/a', 'kubernetes', 'orphan', 'foregroundDeletion'])
      expect((await ask({ finalizers: [finalizer] })).code).toBe(201)
  })
})
