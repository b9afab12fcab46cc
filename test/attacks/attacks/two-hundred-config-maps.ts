import { defineAttack } from '../attack.ts'
import { ownAgent } from '../own-agent.ts'

const inDefault = '/api/v1/namespaces/default'
const count = 200

/** Pods that name 200 ConfigMaps of a megabyte, in one volume and in several, more than a node keeps: its agent must hold out and say what it does not keep. */
export const twoHundredConfigMaps = defineAttack('two-hundred-config-maps', async ({ ask, cluster, pause }) => {
  const [nodeName = ''] = cluster.nodes
  const names = Array.from({ length: count }, (_, index) => `two-hundred-${index}`)
  for (const name of names)
    await ask('POST', `${inDefault}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { filler: 'x'.repeat(1024 * 1024 - 100) },
    })
  const agent = ownAgent({ cluster, pause }, nodeName)
  const shares = [names, names.slice(0, 50), names.slice(20, 70), names.slice(0, 10)]
  for (const [index, share] of shares.entries())
    await ask('POST', `${inDefault}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `two-hundred-${index}` },
      spec: {
        nodeName,
        containers: [{ name: 'c', image: 'none.invalid/none:1', volumeMounts: [{ name: 'all', mountPath: '/all' }] }],
        volumes: [
          { name: 'all', projected: { sources: share.map((name) => ({ configMap: { name, items: [{ key: 'filler', path: name }] } })) } },
        ],
      },
    })
  const outcome = await agent.watch(300)
  const node = await ask('GET', `/api/v1/nodes/${nodeName}`)
  const { status } = JSON.parse(node.text) as { status: { conditions: { type: string; status: string; message: string }[] } } // the API's own words
  const condition = status.conditions.find(({ type }) => type === 'StorageDegraded')
  const events = await ask('GET', `${inDefault}/events?fieldSelector=involvedObject.name%3Dtwo-hundred-0`)
  const told = (JSON.parse(events.text) as { items: { reason: string; message: string }[] }).items.at(-1) // the API's own words
  for (const index of shares.keys()) await ask('DELETE', `${inDefault}/pods/two-hundred-${index}?gracePeriodSeconds=0`)
  for (const name of names) await ask('DELETE', `${inDefault}/configmaps/${name}`)
  return `${outcome}; ${told?.reason}: ${told?.message}; ${condition?.status}: ${condition?.message}`
})
