import { agentOf, ask } from '../../attacks/watcher.ts'
import { startHub } from '../../scale/hub.ts'
import { load } from '../api-load.ts'
import { defineFigure, median, type Row } from '../figure.ts'
import { cpuSeconds } from '../process.ts'
import { startWatchers } from '../watchers.ts'

const rounds = 60
const idleMs = 60_000
const path = '/api/v1/namespaces/default/configmaps'
const bodyOf = (name: string) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value: 'x'.repeat(200) } })

/** From a create to the last of many watchers that hears of it, and what those cost who hear nothing. */
export const fanOut = defineFigure('fan-out', async () => {
  await using hub = await startHub()
  const { admin, pid } = hub
  const agent = agentOf(admin)
  const rows: Row[] = []
  // The hub's code as it stays.
  await load(admin, 16, 3_000, (index) => ({ method: 'POST', path, body: bodyOf(`warm-${index}`) }))
  const alone = await idleCpu(pid)
  const create = (name: string) => ask(agent, admin.port, { method: 'POST', path, body: bodyOf(name) })
  const unheard: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const at = performance.now()
    await create(`unheard-${round}`)
    unheard.push(performance.now() - at)
  }
  const floor = { floor: median(unheard.slice(rounds / 3)), floorIs: 'a create that nobody watches' }
  for (const [count, aim] of [
    [100, '≤ 3 ms'],
    [1_000, '≤ 25 ms'],
  ] as const) {
    const list = await ask(agent, admin.port, { method: 'GET', path: `${path}?limit=1` })
    const { metadata } = JSON.parse(list.text) as { metadata: { resourceVersion: string } } // a list
    const watchers = await startWatchers(admin, count, `${path}?watch=true&resourceVersion=${metadata.resourceVersion}`)
    const times: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const heard = watchers.heard(1)
      const at = performance.now()
      const created = create(`of-${count}-${round}`)
      await heard
      times.push(performance.now() - at)
      await created
    }
    rows.push({ figure: `create → the last of ${count} watchers`, value: median(times.slice(rounds / 3)), unit: 'ms', ...floor, aim })
    if (count === 1_000) {
      const idle = await idleCpu(pid)
      const figure = `hub CPU with ${count} idle watches`
      rows.push({ figure, value: idle, unit: '% of a core', floor: alone, floorIs: 'the hub without', aim: 'no more' })
    }
    watchers.close()
  }
  agent.destroy()
  return rows
})

async function idleCpu(pid: number): Promise<number> {
  const [at, cpu] = [performance.now(), cpuSeconds(pid)]
  await new Promise((resolve) => setTimeout(resolve, idleMs))
  return ((cpuSeconds(pid) - cpu) / ((performance.now() - at) / 1000)) * 100
}
