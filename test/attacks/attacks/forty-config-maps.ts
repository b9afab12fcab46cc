import { defineAttack } from '../attack.ts'

const inDefault = '/api/v1/namespaces/default'

/** A pod that names 40 ConfigMaps of a megabyte: all their answers wait for one node, which reads none of them. */
export const fortyConfigMaps = defineAttack('forty-config-maps', async ({ ask, node, pause }) => {
  const names = Array.from({ length: 40 }, (_, index) => `forty-${index}`)
  for (const name of names)
    await ask('POST', `${inDefault}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { filler: 'x'.repeat(1024 * 1024 - 100) },
    })
  await ask('POST', `${inDefault}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'forty' },
    spec: {
      nodeName: 'evil-forty',
      containers: [{ name: 'c', image: 'none', envFrom: names.map((name) => ({ configMapRef: { name } })) }],
    },
  })
  const evil = await node('evil-forty')
  evil.hello()
  for (const [index, name] of names.entries())
    evil.say({ t: 'req', id: index + 1, method: 'GET', path: `${inDefault}/configmaps/${name}`, query: {}, ms: 60_000 })
  await pause(5000)
  evil.end()
  await ask('DELETE', `${inDefault}/pods/forty?gracePeriodSeconds=0`)
  for (const name of names) await ask('DELETE', `${inDefault}/configmaps/${name}`)
  return `${evil.received.length} frames came`
})
