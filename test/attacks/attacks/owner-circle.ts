import { defineAttack } from '../attack.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'

/** Three objects that own one another in a circle, deleted in the foreground: they once stopped the hub, and every start after. */
export const ownerCircle = defineAttack('owner-circle', async ({ ask, pause }) => {
  const names = ['circle-0', 'circle-1', 'circle-2']
  const uids: string[] = []
  for (const name of names) {
    const { text } = await ask('POST', configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
    uids.push((JSON.parse(text) as { metadata: { uid: string } }).metadata.uid) // the API's own words
  }
  for (const [index, name] of names.entries()) {
    const owner = (index + 1) % names.length
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: names[owner], uid: uids[owner], blockOwnerDeletion: true }
    const body = { metadata: { ownerReferences: [reference] } }
    await ask('PATCH', `${configMaps}/${name}`, body, 'application/merge-patch+json')
  }
  await ask('DELETE', `${configMaps}/${names[0]}`, { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' })
  await pause(5000)
  const answers = await Promise.all(names.map((name) => ask('GET', `${configMaps}/${name}`)))
  return `after 5 s: ${answers.map(({ status }) => status).join(', ')}`
})
