import { defineAttack } from '../attack.ts'

/** `watch=true` in the query of a plain request frame, a thousand times: each once opened a watch that nobody closed. */
export const watchInARequest = defineAttack('watch-in-a-request', async ({ ask, node, pause }) => {
  const watches = async () => Number(/^bramble_store_watches (\d+)/m.exec((await ask('GET', '/metrics')).text)?.[1])
  const before = await watches()
  const evil = await node('evil-watch')
  evil.hello()
  for (let round = 0; round < 20; round++) {
    for (let index = 0; index < 50; index++)
      evil.say({ t: 'req', id: round * 50 + index + 1, method: 'GET', path: '/api/v1/services', query: { watch: 'true' }, ms: 5000 })
    await pause(200)
  }
  await pause(1000)
  const after = await watches()
  evil.end()
  return `store watches ${before} → ${after}`
})
