import { expect, it } from 'vitest'
import { createTestApi, nodeUser, pod } from '../testing/api.ts'

const pods = '/api/v1/namespaces/default/pods'

it('the statuses of all pods of a node together cannot fill the store, and ordinary ones are always taken', async () => {
  const { json } = await createTestApi()
  const names = Array.from({ length: 40 }, (_, index) => `p${index}`)
  for (const name of names) expect((await json('POST', pods, { body: pod(name, { nodeName: 'n1' }) })).code).toBe(201)
  expect((await json('POST', pods, { body: pod('other', { nodeName: 'n2' }) })).code).toBe(201)
  const write = (name: string, bytes: number, node = 'n1') =>
    json('PATCH', `${pods}/${name}/status`, {
      user: nodeUser(node),
      body: { status: { phase: 'Running', message: 'x'.repeat(bytes) } },
      contentType: 'application/merge-patch+json',
    })
  const codes: number[] = []
  for (const name of names) codes.push((await write(name, 400_000)).code)
  expect(codes.filter((code) => code === 200)).toHaveLength(20)
  expect(await write('p39', 400_000)).toMatchObject({
    code: 403,
    body: { message: expect.stringContaining('is not allowed to make a status larger than 32 KiB while its pods take 8 MiB') },
  })
  expect((await write('p39', 30_000)).code).toBe(200)
  expect((await write('p0', 399_000)).code).toBe(200)
  expect((await write('other', 400_000, 'n2')).code).toBe(200)
})
