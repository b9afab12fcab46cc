import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { command, startTestCluster } from '../../harness/cluster.ts'
import { defineFigure, median } from '../figure.ts'

/** From the start of a hub that has state to the first `ok` of /readyz. */
export const startUp = defineFigure('start-up', async () => {
  await using cluster = await startTestCluster({ nodes: 1 })
  const times: number[] = []
  for (let round = 0; round < 5; round += 1) {
    process.kill(cluster.pidOf('hub'), 'SIGTERM')
    await sleep(2_000)
    const start = performance.now()
    const healed = cluster.heal()
    for (;;) {
      const { code, stdout } = await command('curl', ['-sk', '--max-time', '1', `https://127.0.0.1:${cluster.httpsPort}/readyz`])
      if (code === 0 && stdout.startsWith('ok')) break
      await sleep(10)
    }
    times.push(performance.now() - start)
    await healed
  }
  // `bramble up` itself is a Node process that starts the hub's.
  const floor = median(Array.from({ length: 5 }, () => elapsed(() => spawnSync(process.execPath, ['-e', ''])))) * 2
  return [{ figure: 'start to /readyz', value: median(times), unit: 'ms', floor, floorIs: 'two bare node processes', aim: '≤ 1500 ms' }]
})

function elapsed(run: () => unknown): number {
  const start = performance.now()
  run()
  return performance.now() - start
}
