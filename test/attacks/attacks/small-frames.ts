import { defineAttack } from '../attack.ts'

/** Pings, acknowledgements of nothing and small requests, as fast as the connection takes them. */
export const smallFrames = defineAttack('small-frames', async ({ node, pause }) => {
  const evil = await node('evil-small')
  evil.hello()
  let said = 0
  for (let round = 0; round < 40; round++) {
    for (let index = 0; index < 1000; index++) {
      evil.say({ t: 'ping' })
      evil.say({ t: 'ack', bytes: 0 })
      evil.say({ t: 'req', id: ++said, method: 'GET', path: '/api/v1/services', query: {}, ms: 5000 })
    }
    await pause(100)
  }
  await pause(2000)
  const refused = evil.received.filter(({ header }) => header['status'] === 429).length
  evil.end()
  return `${3 * said} frames said, ${evil.received.length} answered, ${refused} of them 429`
})
