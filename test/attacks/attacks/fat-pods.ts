import { memoryMiB } from '../../bench/process.ts'
import { defineAttack } from '../attack.ts'

const inDefault = '/api/v1/namespaces/default'

/** 40 pods of megabytes each, bound to a node of the cluster's own: its agent must hold out and say which of them it does not take. */
export const fatPods = defineAttack('fat-pods', async ({ ask, cluster, pause }) => {
  const [nodeName = ''] = cluster.nodes
  const before = cluster.pidOf(nodeName)
  const rssBefore = memoryMiB(before).rss
  const names = Array.from({ length: 40 }, (_, index) => `fat-pod-${index}`)
  const made = new Set<number>()
  for (const name of names) {
    const { status } = await ask('POST', `${inDefault}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { nodeName, containers: [{ name: 'c', image: 'none.invalid/none:1', args: ['x'.repeat(2_500_000)] }] },
    })
    made.add(status)
  }
  let most = 0
  let isSame = true
  for (let round = 0; round < 100 && isSame; round++) {
    await pause(200)
    try {
      isSame = cluster.pidOf(nodeName) === before
      most = Math.max(most, memoryMiB(before).rss)
    } catch {
      isSame = false
    }
  }
  const { text } = await ask('GET', `${inDefault}/pods/${names.at(-1)}`)
  const { status } = JSON.parse(text) as { status?: { phase?: string; reason?: string; message?: string } } // the API's own words
  for (const name of names) await ask('DELETE', `${inDefault}/pods/${name}?gracePeriodSeconds=0`)
  return `answers ${[...made].join()}; agent ${isSame ? 'same' : 'ENDED'}, ${rssBefore.toFixed(0)} → ${most.toFixed(0)} MiB; ${status?.phase} ${status?.reason ?? ''} ${status?.message ?? ''}`
})
