import type { Agent } from 'node:https'
import type { Target } from '../../bench/api-load.ts'
import { defineAttack } from '../attack.ts'
import { agentOf, ask } from '../watcher.ts'

const events = '/api/v1/namespaces/default/events'

async function create(agent: Agent, port: number, prefix: string, total: number): Promise<string> {
  const counts = new Map<number, number>()
  let next = 0
  const worker = async () => {
    while (next < total) {
      const metadata = { name: `${prefix}-${next++}` }
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'Event', metadata, involvedObject: {}, message: 'x'.repeat(300) })
      const { status } = await ask(agent, port, { method: 'POST', path: events, body }).catch(() => ({ status: 0 }))
      counts.set(status, (counts.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 32 }, worker))
  return [...counts].map(([status, times]) => `${times} × ${status}`).join(', ')
}

/** A hundred thousand Events of the administrator, and as many as a node can in the same time. */
export const manyEvents = defineAttack('many-events', async ({ admin, enroll, ask: asAdmin }) => {
  const { key, certificate, ca } = await enroll('evil-events')
  const evil: Target = { port: admin.port, ca: Buffer.from(ca), cert: Buffer.from(certificate), key: Buffer.from(key) }
  const agents = [agentOf(admin), agentOf(evil)] as const
  const [ofUser, ofNode] = await Promise.all([create(agents[0], admin.port, 'user', 100_000), create(agents[1], admin.port, 'node', 3000)])
  for (const agent of agents) agent.destroy()
  const { status } = await asAdmin('DELETE', events)
  return `a user ${ofUser}; a node ${ofNode}; deleted again with ${status}`
})
