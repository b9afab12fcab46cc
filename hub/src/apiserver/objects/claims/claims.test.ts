import { services } from '@bramble/shared/kinds/service.ts'
import { expect, it } from 'vitest'
import { createTestApi } from '../../testing/api.ts'
import { claimWrites } from './claims.ts'

it('what another took while this write was looked at is not taken from it, however late that is seen', async () => {
  const { store, json } = await createTestApi()
  const spec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }
  const made = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'winner' }, spec }
  expect((await json('POST', '/api/v1/namespaces/default/services', { body: made })).code).toBe(201)
  const key = '/core/services/default/loser'
  const object = services.parse({ ...made, metadata: { name: 'loser', namespace: 'default' } })
  if (!object.ok) throw object.error
  const result = await store.create(key, '{}', { writes: claimWrites(store, services, { key, object: object.object }) })
  expect(result).toMatchObject({ type: 'conflict', current: { value: '/core/services/default/winner' } })
})
