import { expect, it } from 'vitest'
import { createTestApi, nodeUser, pod } from '../testing/api.ts'

const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } })

it('what a pod of a node names in its namespace the node does not read in others, nor in all at once', async () => {
  const { ask, json } = await createTestApi()
  for (const namespace of ['default', 'kube-system'])
    await json('POST', `/api/v1/namespaces/${namespace}/secrets`, { body: secret('pull') })
  const spec = { nodeName: 'n1', imagePullSecrets: [{ name: 'pull' }] }
  await json('POST', '/api/v1/namespaces/default/pods', { body: pod('own', spec) })
  const statusOf = async (url: string) => {
    const stop = new AbortController()
    const { status } = await ask('GET', url, { user: nodeUser('n1'), signal: stop.signal })
    stop.abort()
    return status
  }
  expect(await statusOf('/api/v1/namespaces/default/secrets/pull')).toBe(200)
  expect(await statusOf('/api/v1/namespaces/kube-system/secrets/pull')).toBe(403)
  for (const watch of ['', '&watch=1']) {
    expect(await statusOf(`/api/v1/namespaces/default/secrets?fieldSelector=metadata.name=pull${watch}`)).toBe(200)
    expect(await statusOf(`/api/v1/namespaces/kube-system/secrets?fieldSelector=metadata.name=pull${watch}`)).toBe(403)
    expect(await statusOf(`/api/v1/secrets?fieldSelector=metadata.name=pull${watch}`)).toBe(403)
    expect(await statusOf(`/api/v1//namespaces//secrets?fieldSelector=metadata.name=pull${watch}`)).not.toBe(200)
  }
})
