import { memoryMiB } from '../../bench/process.ts'
import { defineAttack } from '../attack.ts'
import { agentOf, ask as askWith } from '../watcher.ts'

const pods = '/api/v1/namespaces/full/pods'
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

const atOnce = 48
/** Lists of them are long, and are made of many objects; what fills the store beside them is large, so that it is full soon. */
const podsAtMost = 4000
const fillerBytes = 900_000
const fillMs = 50_000

/** A store that takes no more, its pods listed by fifty at once, and deleted at once. */
export const fullStore = defineAttack('full-store', async ({ admin, ask, cluster, pause }) => {
  const hub = cluster.pidOf('hub')
  const seen: string[] = []
  const note = (what: string) => seen.push(`${what} ${memoryMiB(hub).rss.toFixed(0)} MiB`)
  await ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'full' } })
  await pause(2000)
  const agent = agentOf(admin)
  const { port } = admin
  const counts = new Map<number, number>()
  const until = performance.now() + fillMs
  const spec = {
    nodeSelector: { nowhere: 'true' },
    containers: [{ name: 'main', image: 'busybox', env: [{ name: 'A', value: 'x'.repeat(300) }] }],
  }
  const filler = { a: 'x'.repeat(fillerBytes) }
  let [next, refused] = [0, 0]
  const fill = async () => {
    while (refused < atOnce && performance.now() < until) {
      const index = next++
      const metadata = { name: `full-${index}` }
      const isPod = index < podsAtMost
      const body = JSON.stringify({
        apiVersion: 'v1',
        ...(isPod ? { kind: 'Pod', metadata, spec } : { kind: 'ConfigMap', metadata, data: filler }),
      })
      const path = isPod ? pods : '/api/v1/namespaces/full/configmaps'
      const { status } = await askWith(agent, port, { method: 'POST', path, body }).catch(() => ({ status: 0 }))
      counts.set(status, (counts.get(status) ?? 0) + 1)
      if (status === 507) refused += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, fill))
  note(`filled (${[...counts].map(([status, times]) => `${times} × ${status}`).join(', ')})`)
  await pause(3000)
  note('at rest')
  for (const accept of ['application/json', table]) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        askWith(agent, port, { method: 'GET', path: '/api/v1/pods', accept })
          .then(({ status, text }) => `${status}${status === 200 ? ` ${(text.length / 2 ** 20).toFixed(0)}M` : ''}`)
          .catch(() => 'none'),
      ),
    )
    const kinds = [...new Set(answers)].map((kind) => `${answers.filter((each) => each === kind).length} × ${kind}`)
    note(`listed as ${accept.slice(0, 24)} (${kinds.join(', ')})`)
  }
  const { status } = await askWith(agent, port, { method: 'DELETE', path: pods }).catch(() => ({ status: 0 }))
  note(`deleted with ${status}`)
  agent.destroy()
  await ask('DELETE', '/api/v1/namespaces/full')
  for (let second = 0; second < 60 && (await ask('GET', '/api/v1/namespaces/full')).status === 200; second++) await pause(1000)
  note('gone')
  return seen.join('; ')
})
