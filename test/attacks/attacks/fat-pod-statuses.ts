import { defineAttack } from '../attack.ts'

const inDefault = '/api/v1/namespaces/default/pods'

/** A node fills the statuses of its pods with all that fits, again and again: everybody who watches pods gets each of them. */
export const fatPodStatuses = defineAttack('fat-pod-statuses', async ({ ask, node, pause }) => {
  const evil = await node('evil-pods')
  evil.hello()
  const names = Array.from({ length: 10 }, (_, index) => `fat-${index}`)
  for (const name of names)
    await ask('POST', inDefault, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { nodeName: 'evil-pods', containers: [{ name: 'c', image: 'none.invalid/none:1' }] },
    })
  let id = 0
  for (let round = 0; round < 20; round++) {
    for (const name of names)
      evil.say(
        {
          t: 'req',
          id: ++id,
          method: 'PATCH',
          path: `${inDefault}/${name}/status`,
          query: {},
          type: 'application/merge-patch+json',
          ms: 10_000,
        },
        JSON.stringify({ status: { message: `${round}${'x'.repeat(2_000_000)}` } }),
      )
    await pause(300)
  }
  await pause(2000)
  const statuses = evil.received.filter(({ header }) => header.t === 'res').map(({ header }) => String(header['status']))
  evil.end()
  for (const name of names) await ask('DELETE', `${inDefault}/${name}?gracePeriodSeconds=0`)
  return [...new Set(statuses)].map((status) => `${statuses.filter((each) => each === status).length} × ${status}`).join(', ')
})
