import { load } from '../api-load.ts'
import { defineFigure, median } from '../figure.ts'
import { podOf } from '../pod.ts'
import { memoryMiB } from '../process.ts'
import { startHub } from '../../scale/hub.ts'

const count = 10_000
const restMs = 30_000
const rest = () => new Promise((resolve) => setTimeout(resolve, restMs))

/** What a hub's memory grows by for each pod that nobody runs, and how long it takes to start with all of them. */
export const storedPods = defineFigure('stored-pods', async () => {
  await using hub = await startHub()
  const pods = (from: number, to: number) =>
    load(hub.admin, 16, to - from, (index) => ({
      method: 'POST',
      path: '/api/v1/namespaces/default/pods',
      body: podOf(`pod-${from + index}`),
    }))
  // Code that is made once, and a history that is full.
  await pods(0, 3_000)
  await rest()
  const before = memoryMiB(hub.pid).rss
  await pods(3_000, count)
  await rest()
  const each = ((memoryMiB(hub.pid).rss - before) * 1024) / (count - 3_000)
  const starts: number[] = []
  for (let round = 0; round < 5; round += 1) starts.push(await hub.restart())
  return [
    { figure: 'hub memory for a stored pod of 1.5 KB', value: each, unit: 'KiB', floor: 1.5, floorIs: 'its text', aim: '≤ 12 KiB' },
    { figure: `start to /readyz with ${count} pods`, value: median(starts), unit: 'ms', aim: '≤ 1000 ms' },
  ]
})
