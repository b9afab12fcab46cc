import { rawClient } from '../../conformance/mqtt/raw-client.ts'
import { defineAttack } from '../attack.ts'

/** A node that was deleted goes on with its certificate at every door, and after the board has joined anew as well; a token used twice. */
export const deletedNode = defineAttack('deleted-node', async ({ ask, askAs, cluster, enroll, node }) => {
  const name = 'evil-deleted'
  const old = await enroll(name)
  const session = await node(name, old)
  session.hello()
  const before = (await askAs(old, 'GET', `/api/v1/nodes/${name}`)).status
  const at = performance.now()
  await ask('DELETE', `/api/v1/nodes/${name}`)
  await session.closed
  const ms = performance.now() - at
  const doors = async () => {
    const again = await rawClient({ ca: { caPem: old.ca }, port: cluster.mqttPort }, `node:${name}`, old)
    again.end()
    return `${again.outcome}, ${(await askAs(old, 'GET', `/api/v1/nodes/${name}`)).status}`
  }
  const gone = await doors()
  const token = (await cluster.bramble('token', 'create', '--home', cluster.home)).trim()
  const renewed = await enroll(name, token)
  const fresh = (await askAs(renewed, 'GET', `/api/v1/nodes/${name}`)).status
  const stale = await doors()
  const twice = await enroll('evil-twice', token).then(
    () => 'TAKEN',
    () => 'refused',
  )
  await ask('DELETE', `/api/v1/nodes/${name}`)
  return `HTTPS ${before} before; session ended in ${ms.toFixed(0)} ms; then ${gone}; new key ${fresh}, old key ${stale}; token twice ${twice}`
})
