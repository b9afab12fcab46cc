import { afterEach, expect, test } from 'vitest'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import { pod } from '../../../hub/src/apiserver/testing/api.ts'
import { createTokenRoom } from '../../../hub/src/apiserver/testing/token-room.ts'
import { startHub, startNode } from './hub-and-node.ts'

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

test('a node gets tokens of its pods over its one connection, and no others', async () => {
  const room = await createTokenRoom()
  const hub = keep(await startHub(room.handle))
  const { link } = keep(startNode('pi-1', hub))
  const { client } = link
  const node = await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1' }, spec: {}, status: {} } as never)
  const volumes = [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3607 } }] } }]
  const made = await room.make(`${room.inDefault}/pods`, pod('own', { serviceAccountName: 'robot', nodeName: 'pi-1', volumes }))
  await room.make(`${room.inDefault}/pods`, pod('foreign', { serviceAccountName: 'robot', nodeName: 'pi-2', volumes }))
  const ask = (spec: object) => client.createSub(serviceAccounts, { namespace: 'default', name: 'robot' }, 'token', { spec })
  const reference = { apiVersion: 'v1', kind: 'Pod', name: 'own', uid: made.metadata.uid as string }
  const { status } = (await ask({ boundObjectRef: reference, expirationSeconds: 3607 })) as { status: { token: string } }
  expect(await room.review(status.token)).toMatchObject({
    authenticated: true,
    user: { username: 'system:serviceaccount:default:robot', extra: { 'authentication.kubernetes.io/node-uid': [node.metadata.uid] } },
  })
  for (const spec of [{}, { boundObjectRef: { ...reference, name: 'foreign' } }, { boundObjectRef: reference, audiences: ['vault'] }])
    await expect(ask(spec)).rejects.toSatisfy((error) => isApiError(error, 'Forbidden'))
})
