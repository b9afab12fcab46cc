import { defineAttack } from '../attack.ts'
import { agentOf, ask as askWith } from '../watcher.ts'

const total = 2000

/** Two thousand namespaces made and deleted at once, and one with twenty thousand objects in it. */
export const manyNamespaces = defineAttack('many-namespaces', async ({ admin, pause }) => {
  const agent = agentOf(admin)
  const to = (method: string, path: string, body?: object) =>
    askWith(agent, admin.port, { method, path, ...(body !== undefined && { body: JSON.stringify(body) }) }).catch(() => ({
      status: 0,
      text: '',
    }))
  const several = async (count: number, work: (index: number) => Promise<unknown>) => {
    let next = 0
    const worker = async () => {
      while (next < count) await work(next++)
    }
    await Promise.all(Array.from({ length: 64 }, worker))
  }
  const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await several(total, (i) => to('POST', '/api/v1/namespaces', namespace(`many-${i}`)))
  await to('POST', '/api/v1/namespaces', namespace('large'))
  await several(20_000, (i) =>
    to('POST', '/api/v1/namespaces/large/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `map-${i}` },
      data: { a: 'b' },
    }),
  )
  const from = performance.now()
  await several(total, (i) => to('DELETE', `/api/v1/namespaces/many-${i}`))
  await to('DELETE', '/api/v1/namespaces/large')
  const left = async () => {
    const { text } = await to('GET', '/api/v1/namespaces')
    const { items } = JSON.parse(text) as { items: { metadata: { name: string } }[] } // the API's own words
    return items.filter(({ metadata: { name } }) => name.startsWith('many-') || name === 'large').length
  }
  let count = await left()
  for (let second = 0; second < 120 && count > 0; second++) {
    await pause(1000)
    count = await left()
  }
  agent.destroy()
  return `${count} of ${total + 1} left ${((performance.now() - from) / 1000).toFixed(0)} s after the first deletion`
})
