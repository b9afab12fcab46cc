import { defineAttack } from '../attack.ts'
import { ownAgent } from '../own-agent.ts'

const inDefault = '/api/v1/namespaces/default'

/** 40 pods of megabytes each, bound to a node of the cluster's own: its agent must hold out and say which of them it does not take. */
export const fatPods = defineAttack('fat-pods', async ({ ask, cluster, pause }) => {
  const [nodeName = ''] = cluster.nodes
  const agent = ownAgent({ cluster, pause }, nodeName)
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
  const outcome = await agent.watch(100)
  const { text } = await ask('GET', `${inDefault}/pods/${names.at(-1)}`)
  const { status } = JSON.parse(text) as { status?: { phase?: string; reason?: string; message?: string } } // the API's own words
  for (const name of names) await ask('DELETE', `${inDefault}/pods/${name}?gracePeriodSeconds=0`)
  return `answers ${[...made].join()}; ${outcome}; ${status?.phase} ${status?.reason ?? ''} ${status?.message ?? ''}`
})
