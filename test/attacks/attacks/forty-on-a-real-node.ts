import { defineAttack } from '../attack.ts'
import { ownAgent } from '../own-agent.ts'

const inDefault = '/api/v1/namespaces/default'

/** A valid pod that names 40 ConfigMaps of a megabyte, on a node of the cluster's own: its agent must hold out, and the others too. */
export const fortyOnARealNode = defineAttack('forty-on-a-real-node', async ({ ask, cluster, pause }) => {
  const [nodeName = ''] = cluster.nodes
  const names = Array.from({ length: 40 }, (_, index) => `real-forty-${index}`)
  for (const name of names)
    await ask('POST', `${inDefault}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { filler: 'x'.repeat(1024 * 1024 - 100) },
    })
  const agent = ownAgent({ cluster, pause }, nodeName)
  await ask('POST', `${inDefault}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'real-forty' },
    spec: {
      nodeName,
      containers: [{ name: 'c', image: 'none.invalid/none:1', volumeMounts: [{ name: 'all', mountPath: '/all' }] }],
      volumes: [
        { name: 'all', projected: { sources: names.map((name) => ({ configMap: { name, items: [{ key: 'filler', path: name }] } })) } },
      ],
    },
  })
  const outcome = await agent.watch(100)
  const events = await ask('GET', `${inDefault}/events?fieldSelector=involvedObject.name%3Dreal-forty`)
  const reasons = [...new Set((JSON.parse(events.text) as { items: { reason: string }[] }).items.map(({ reason }) => reason))] // the API's own words
  await ask('DELETE', `${inDefault}/pods/real-forty?gracePeriodSeconds=0`)
  for (const name of names) await ask('DELETE', `${inDefault}/configmaps/${name}`)
  return `${outcome}; ${reasons.join(', ')}`
})
