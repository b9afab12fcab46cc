import { defineAttack } from '../attack.ts'

/** 40 Services with annotations of 250 KB: a node that is new must still sync, and those that are there follow. */
export const fatServices = defineAttack('fat-services', async ({ ask, node, pause }) => {
  const names = Array.from({ length: 40 }, (_, index) => `fat-${index}`)
  for (const name of names)
    await ask('POST', '/api/v1/namespaces/default/services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, annotations: { filler: 'x'.repeat(250_000) } },
      spec: { ports: [{ port: 80 }] },
    })
  const fresh = await node('fresh')
  fresh.hello()
  fresh.say({ t: 'req', id: 1, method: 'GET', path: '/api/v1/services', query: { limit: '100' }, ms: 30_000 })
  await pause(2000)
  const status = fresh.received.find(({ header }) => header.t === 'res')?.header['status']
  fresh.end()
  for (const name of names) await ask('DELETE', `/api/v1/namespaces/default/services/${name}`)
  return `the first page answers ${String(status)}`
})
