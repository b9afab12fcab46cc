import { defineAttack } from '../attack.ts'

const inDefault = '/api/v1/namespaces/default'
const mergePatch = 'application/merge-patch+json'
const app = 'false-addresses'

/** A node that chooses its pod network, and addresses for its pods that are none or are everybody's: no other node and no Service follows. */
export const falseAddresses = defineAttack('false-addresses', async ({ ask, askAs, cluster, enroll, pause }) => {
  const name = 'evil-addresses'
  await cluster.importImage('busybox-1.tar')
  const evil = await enroll(name)
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
  const choosing = await askAs(evil, 'POST', '/api/v1/nodes', { ...node, spec: { podCIDR: '10.42.0.0/16' } })
  await askAs(evil, 'POST', '/api/v1/nodes', node)
  const moving = await askAs(evil, 'PATCH', `/api/v1/nodes/${name}`, { spec: { podCIDR: '10.42.0.0/16' } }, mergePatch)
  await ask('POST', `${inDefault}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app },
    spec: { selector: { app }, ports: [{ port: 80 }] },
  })
  const pod = (podName: string, nodeName: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: podName, labels: { app } },
    spec: { nodeName, containers: [{ name: 'c', image: 'docker.io/library/busybox:1', command: ['sleep', '1000'] }] },
  })
  const claims = ['not an ip', '127.0.0.1', '169.254.1.1', '224.0.0.1', '::1', '10.42.0.2']
  const answers: number[] = []
  for (const [index, podIP] of claims.entries()) {
    await ask('POST', `${inDefault}/pods`, pod(`claims-${index}`, name))
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: [{ type: 'Ready', status: 'True' }] }
    answers.push((await askAs(evil, 'PATCH', `${inDefault}/pods/claims-${index}/status`, { status }, mergePatch)).status)
  }
  await ask('POST', `${inDefault}/pods`, pod('honest', cluster.nodes[0] ?? ''))
  await cluster.kubectl('wait', 'pod/honest', '--for=condition=Ready', '--timeout=60s')
  await pause(2000)
  const { text } = await ask(
    'GET',
    `/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3D${app}`,
  )
  const slices = JSON.parse(text) as { items: { endpoints: { targetRef: { name: string } }[] }[] } // the API's own words
  const endpoints = slices.items.flatMap((slice) => slice.endpoints.map(({ targetRef }) => targetRef.name))
  for (const path of [...claims.map((_, index) => `pods/claims-${index}`), 'pods/honest', `services/${app}`])
    await ask('DELETE', `${inDefault}/${path}?gracePeriodSeconds=0`)
  await ask('DELETE', `/api/v1/nodes/${name}`)
  return `podCIDR: ${choosing.status}, ${moving.status}; pod addresses: ${answers.join(', ')}; endpoints: ${endpoints.join(', ')}`
})
