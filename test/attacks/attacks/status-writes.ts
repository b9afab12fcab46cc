import { defineAttack } from '../attack.ts'

/** A node writes its own status a thousand times a second, each time something else. */
export const statusWrites = defineAttack('status-writes', async ({ node, pause }) => {
  const evil = await node('evil-status')
  evil.hello()
  let said = 0
  const path = '/api/v1/nodes/evil-status/status'
  for (let round = 0; round < 80; round++) {
    for (let index = 0; index < 100; index++) {
      const status = {
        conditions: [{ type: 'Ready', status: 'True', reason: `Round${said}` }],
        images: [{ names: ['x'.repeat(400)], sizeBytes: said }],
      }
      evil.say(
        { t: 'req', id: ++said, method: 'PATCH', path, query: {}, type: 'application/strategic-merge-patch+json', ms: 5000 },
        JSON.stringify({ status }),
      )
    }
    await pause(100)
  }
  await pause(2000)
  const statuses = evil.received.filter(({ header }) => header.t === 'res').map(({ header }) => String(header['status']))
  evil.end()
  const counts = [...new Set(statuses)].map((status) => `${statuses.filter((each) => each === status).length} × ${status}`)
  return `${said} said, ${counts.join(', ')}`
})
