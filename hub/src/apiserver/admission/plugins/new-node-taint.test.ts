import { expect, it } from 'vitest'
import { createTestApi } from '../../testing/api.ts'

const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
const node = (name: string, taints: readonly object[] = []) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints } })

it('a new node takes no pods until it was seen to be ready, and keeps the taints that it came with', async () => {
  const { json } = await createTestApi()
  const made = async (name: string, taints?: readonly object[]) =>
    (await json('POST', '/api/v1/nodes', { body: node(name, taints) })).body.spec.taints
  expect(await made('a')).toEqual([taint])
  expect(await made('b', [{ key: 'mine', effect: 'NoExecute' }])).toEqual([{ key: 'mine', effect: 'NoExecute' }, taint])
  expect(await made('c', [taint])).toEqual([taint])
  expect(await made('d', [{ ...taint, effect: 'NoExecute' }])).toEqual([{ ...taint, effect: 'NoExecute' }, taint])
  const { body } = await json('GET', '/api/v1/nodes/a')
  expect((await json('PUT', '/api/v1/nodes/a', { body: { ...body, spec: {} } })).body.spec?.taints).toBeUndefined()
})
