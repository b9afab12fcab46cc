import { defineAttack } from '../attack.ts'

const deployments = '/apis/apps/v1/namespaces/default/deployments'
const labels = { app: 'endless' }

/** A Deployment of more pods than anybody has memory for: once they were made without end. */
export const endlessReplicas = defineAttack('endless-replicas', async ({ ask, pause }) => {
  const count = async () => {
    const { text } = await ask('GET', '/api/v1/namespaces/default/pods?limit=1&resourceVersion=0')
    const { items, metadata } = JSON.parse(text) as { items: unknown[]; metadata: { remainingItemCount?: number } } // the API's own words
    return items.length + (metadata.remainingItemCount ?? 0)
  }
  const spec = {
    replicas: 2 ** 31 - 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { nodeSelector: { nowhere: 'true' }, containers: [{ name: 'main', image: 'busybox' }] } },
  }
  await ask('POST', deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'endless' }, spec })
  await pause(20_000)
  const most = await count()
  await ask('DELETE', `${deployments}/endless`)
  let left = most
  for (let second = 0; second < 30 && left > 0; second++) {
    await pause(1000)
    left = await count()
  }
  return `${most} pods in 20 s, ${left} left after it was deleted`
})
