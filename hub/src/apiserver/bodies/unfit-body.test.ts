import { beforeAll, describe, expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'

let json: Awaited<ReturnType<typeof createTestApi>>['json']
beforeAll(async () => {
  ;({ json } = await createTestApi())
})

describe('a body that is not what its address takes', () => {
  const bytes = (text: string) => Buffer.from(text)
  it.each<[string, string, object | Uint8Array, string]>([
    [
      'namespaces',
      '',
      bytes('apiVersion: v1\nkind: Pod\n'),
      "the object provided is unrecognized (must be of type Namespace): couldn't get version/kind; json parse error: ",
    ],
    [
      'namespaces',
      '',
      bytes('['),
      "the object provided is unrecognized (must be of type Namespace): couldn't get version/kind; json parse error: ",
    ],
    [
      'namespaces',
      '',
      bytes('[]'),
      "the object provided is unrecognized (must be of type Namespace): couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct {",
    ],
    [
      'namespaces',
      '',
      bytes('{"kind":5}'),
      "the object provided is unrecognized (must be of type Namespace): couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string",
    ],
    [
      'namespaces',
      'application/yaml',
      bytes('a: ['),
      'the object provided is unrecognized (must be of type Namespace): yaml parse error: ',
    ],
    [
      'namespaces',
      '',
      { apiVersion: 'v1', kind: 'Pod' },
      'Pod in version "v1" cannot be handled as a Namespace: converting (v1.Pod) to (core.Namespace): unknown conversion',
    ],
    [
      'namespaces',
      '',
      { apiVersion: 'v1', kind: 'NamespaceList' },
      'NamespaceList in version "v1" cannot be handled as a Namespace: converting (v1.NamespaceList) to (core.Namespace): unknown conversion',
    ],
    [
      'namespaces',
      '',
      { apiVersion: 'apps/v1', kind: 'Namespace' },
      'Namespace in version "v1" cannot be handled as a Namespace: no kind "Namespace" is registered for version "apps/v1"',
    ],
    [
      'namespaces/default/pods/p/eviction',
      '',
      { apiVersion: 'v1', kind: 'Pod' },
      'Pod in version "v1" cannot be handled as a Eviction: converting (v1.Pod) to (policy.Eviction): unknown conversion',
    ],
    [
      'namespaces/default/events',
      '',
      { apiVersion: 'events.k8s.io/v1', kind: 'Event' },
      'the API version in the data (events.k8s.io/v1) does not match the expected API version (v1)',
    ],
  ])('POST to %s as "%s" of %s is refused: %s', async (what, type, body, message) => {
    const answer = await json('POST', `/api/v1/${what}`, { body, ...(type !== '' && { contentType: type }) })
    expect(answer).toMatchObject({ code: 400, body: { reason: 'BadRequest' } })
    expect(answer.body.message.slice(0, message.length)).toBe(message)
  })

  it('is read by its address if it says nothing of itself, and found wanting', async () => {
    const { code, body } = await json('POST', '/api/v1/namespaces?dryRun=All', { body: bytes('null') })
    expect([code, body.details.causes]).toEqual([422, [expect.objectContaining({ field: 'metadata.name', reason: 'FieldValueRequired' })]])
  })
})
