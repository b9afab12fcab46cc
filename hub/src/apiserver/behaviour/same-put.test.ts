import { expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'

it('a PUT of what is there is no write, in whatever order its lists are', async () => {
  const { json, store } = await createTestApi()
  const url = '/api/v1/namespaces/default/podtemplates'
  const volumes = [
    { name: 'z', emptyDir: {} },
    { name: 'a', configMap: { name: 'c' } },
  ]
  const template = { spec: { containers: [{ name: 'main', image: 'busybox' }], volumes } }
  await json('POST', url, { body: { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'a' }, template } })
  const { body } = await json('GET', `${url}/a`)
  const before = store.mark().disk
  expect((await json('PUT', `${url}/a`, { body })).body).toEqual(body)
  expect(store.mark().disk).toBe(before)
})
