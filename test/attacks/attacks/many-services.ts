import { cpuSeconds, memoryMiB } from '../../bench/process.ts'
import { defineAttack } from '../attack.ts'
import { agentOf, ask as askWith } from '../watcher.ts'

const services = '/api/v1/namespaces/default/services'

/** A script with the administrator's rights creates 5,000 Services: what it costs the agents, which bring each into their tables. */
export const manyServices = defineAttack('many-services', async ({ cluster, admin, ask, pause }) => {
  const [name = ''] = cluster.nodes
  const pid = cluster.pidOf(name)
  const before = { rss: memoryMiB(pid).rss, cpu: cpuSeconds(pid) }
  const agent = agentOf(admin)
  let next = 0
  const counts = new Map<number, number>()
  const worker = async () => {
    while (next < 5000) {
      const metadata = { name: `many-${next++}` }
      const body = JSON.stringify({
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { selector: { app: metadata.name }, ports: [{ port: 80 }] },
      })
      const { status } = await askWith(agent, admin.port, { method: 'POST', path: services, body })
      counts.set(status, (counts.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  let most = before.rss
  for (let round = 0; round < 50; round++) {
    await pause(200)
    most = Math.max(most, memoryMiB(pid).rss)
  }
  const used = cpuSeconds(pid) - before.cpu
  agent.destroy()
  const { status } = await ask('DELETE', services)
  await pause(5000)
  const same = cluster.pidOf(name) === pid
  const told = [...counts].map(([code, times]) => `${times} × ${code}`).join(', ')
  return `${told}; agent ${same ? 'same' : 'ENDED'}, ${before.rss.toFixed(0)} → ${most.toFixed(0)} MiB, ${used.toFixed(1)} s of its processor; deleted again with ${status}`
})
