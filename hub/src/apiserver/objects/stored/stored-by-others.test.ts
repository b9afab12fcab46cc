import { expect, it } from 'vitest'
import { configMap, createTestApi } from '../../testing/api.ts'

const url = '/api/v1/namespaces/default/configmaps'
const merge = 'application/merge-patch+json'

it('a field that a newer hub has stored is no mistake of whoever patches another, however strict he is', async () => {
  const { json, store } = await createTestApi()
  await json('POST', url, { body: configMap('a') })
  const { key = '', value = '', revision = 0 } = store.get('/core/configmaps/default/a') ?? {}
  await store.update(key, value.replace(/}$/, ',"later":{"a":1}}'), revision)
  const patch = (body: object, contentType: string) => json('PATCH', `${url}/a?fieldValidation=Strict`, { body, contentType })
  const unknown = { code: 422, body: { message: expect.stringMatching(/strict decoding error: unknown field "odd"$/) } }
  expect(await patch({ odd: 1 }, merge)).toMatchObject(unknown)
  expect(await patch([{ op: 'add', path: '/odd', value: 1 }], 'application/json-patch+json')).toMatchObject(unknown)
  expect(await patch({ data: { x: 'y' } }, merge)).toMatchObject({ code: 200, body: { data: { x: 'y' } } })
})

it('a stored text that has once been found to be no JSON spoils no list and no watch of the others', async () => {
  const { ask, json, store } = await createTestApi()
  await json('POST', url, { body: configMap('good') })
  await store.create('/core/configmaps/default/bad', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"bad","uid')
  // As the garbage collector does at each start of a hub.
  await json('GET', url, { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' })
  const { body, headers } = await json('GET', url)
  expect(body.items).toMatchObject([{ metadata: { name: 'good' } }])
  expect(headers).toMatchObject({ warning: expect.stringContaining('/core/configmaps/default/bad') })
  expect(await json('GET', `${url}/bad`)).toMatchObject({ code: 500, body: { reason: 'InternalError' } })
  const watch = await ask('GET', `${url}?watch=true`)
  if (watch.type !== 'events') throw new Error('expected a watch')
  for await (const { text } of watch.events) {
    expect(JSON.parse(text)).toMatchObject({ object: { metadata: { name: 'good' } } })
    break
  }
})
