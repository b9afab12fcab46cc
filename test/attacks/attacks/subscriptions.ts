import { defineAttack } from '../attack.ts'

/** Four hundred thousand subscriptions from one certificate: each would stay in the broker's memory. */
export const subscriptions = defineAttack('subscriptions', async ({ node, pause }) => {
  const evil = await node('evil-subscriber')
  evil.hello()
  let round = 0
  const isClosed = () => !evil.mqtt.connected
  for (; round < 400 && !isClosed(); round++) {
    evil.mqtt.subscribe(
      Array.from({ length: 1000 }, (_, index) => `$bramble/v1/n/evil-subscriber/d/s${round}x${index}`),
      () => {},
    )
    await pause(5)
  }
  await pause(500)
  const outcome = isClosed() ? 'disconnected' : 'NOT disconnected'
  evil.end()
  return `${outcome} after ${round} thousand`
})
