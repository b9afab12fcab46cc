import { Agent } from 'node:https'
import { defineAttack } from '../attack.ts'
import { ask } from '../watcher.ts'

const body = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'large', annotations: { filler: 'x'.repeat(2_900_000) } },
  involvedObject: {},
})

/** 64 bodies of 3 MB at once at each door, and 250 KB Events, from one certificate. */
export const largeBodies = defineAttack('large-bodies', async ({ enroll, node, admin, pause }) => {
  const evil = await node('evil-bodies')
  evil.hello()
  const path = '/api/v1/namespaces/default/events'
  for (let id = 1; id <= 64; id++) evil.say({ t: 'req', id, method: 'POST', path, query: {}, type: 'application/json', ms: 30_000 }, body)
  const { key, certificate, ca } = await enroll('evil-https')
  const agent = new Agent({ keepAlive: true, ca, cert: certificate, key })
  const answers = await Promise.all(
    Array.from({ length: 64 }, () => ask(agent, admin.port, { method: 'POST', path, body }).catch(() => ({ status: 0 }))),
  )
  await pause(3000)
  agent.destroy()
  evil.end()
  const count = (statuses: readonly unknown[]) =>
    [...new Set(statuses)].map((status) => `${statuses.filter((each) => each === status).length} × ${String(status)}`)
  const framed = evil.received.filter(({ header }) => header.t === 'res').map(({ header }) => header['status'])
  return `HTTPS ${count(answers.map(({ status }) => status)).join(', ')}; MQTT ${count(framed).join(', ')}`
})
