import { defineAttack } from '../attack.ts'
import { ownAgent } from '../own-agent.ts'

const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'

/** 200 slices of a thousand endpoints each, which every node follows: no agent may end, and each says what it does not follow. */
export const fatSlices = defineAttack('fat-slices', async ({ ask, cluster, pause }) => {
  const [nodeName = ''] = cluster.nodes
  const agent = ownAgent({ cluster, pause }, nodeName)
  const endpoints = Array.from({ length: 1000 }, (_, index) => ({
    addresses: [`10.99.${Math.floor(index / 250)}.${1 + (index % 250)}`],
    conditions: { ready: true, serving: true, terminating: false },
  }))
  const made = new Set<number>()
  const names = Array.from({ length: 200 }, (_, index) => `fat-slice-${index}`)
  for (const name of names)
    made.add(
      (
        await ask('POST', slices, {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name, labels: { 'kubernetes.io/service-name': 'fat' } },
          addressType: 'IPv4',
          endpoints,
          ports: [{ name: '', port: 80, protocol: 'TCP' }],
        })
      ).status,
    )
  const outcome = await agent.watch(100)
  const { text } = await ask('GET', `/api/v1/nodes/${nodeName}`)
  const { status } = JSON.parse(text) as { status: { conditions: { type: string; message: string }[] } } // the API's own words
  for (const name of names) await ask('DELETE', `${slices}/${name}`)
  const told = status.conditions.find(({ type }) => type === 'StorageDegraded')?.message
  return `answers ${[...made].join()}; ${outcome}; ${told}`
})
