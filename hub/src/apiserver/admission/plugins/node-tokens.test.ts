import { expect, it } from 'vitest'
import { nodeUser, pod } from '../../testing/api.ts'
import { createTokenRoom } from '../../testing/token-room.ts'

const volumeFor = (audience: string | undefined) => ({
  name: `token-${audience ?? 'api'}`,
  projected: { sources: [{ serviceAccountToken: { path: 'token', ...(audience !== undefined && { audience }) } }] },
})

const setUp = async () => {
  const room = await createTokenRoom()
  const { make, inDefault, json, accounts } = room
  await make(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'other' } })
  const podOn = async (name: string, nodeName: string, serviceAccountName = 'robot', volumes: readonly object[] = [volumeFor(undefined)]) =>
    (await make(`${inDefault}/pods`, pod(name, { nodeName, serviceAccountName, volumes, automountServiceAccountToken: false }))).metadata
      .uid as string
  const uids = {
    own: await podOn('own', 'n1'),
    vault: await podOn('vault', 'n1', 'robot', [volumeFor('vault')]),
    foreign: await podOn('foreign', 'n2'),
    others: await podOn('others', 'n2', 'other'),
  }
  const ask = async (spec: object, account = 'robot') => {
    const { code, body } = await json('POST', `${accounts}/${account}/token`, { body: { spec }, user: nodeUser('n1') })
    return [code, code === 201 ? 'given' : body.message] as const
  }
  const bound = (name: keyof typeof uids, uid: string | undefined = uids[name]) => ({
    boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
  })
  return { ask, bound, uids }
}
const forbidden = (why: string) => [403, `serviceaccounts "robot" is forbidden: ${why}`]

it('a node gets tokens of its pods, for whom they are wanted', async () => {
  const { ask, bound } = await setUp()
  expect(await ask(bound('own'))).toEqual([201, 'given'])
  expect(await ask({ ...bound('vault'), audiences: ['vault'] })).toEqual([201, 'given'])
  expect(await ask({ ...bound('own'), audiences: ['vault'] })).toEqual(forbidden('audience "vault" not found in pod spec volume'))
  expect(await ask(bound('vault'))).toEqual(forbidden('audience "" not found in pod spec volume'))
  expect(await ask({ ...bound('vault'), audiences: ['vault', 'x'] })).toEqual(forbidden('node may only request 0 or 1 audiences'))
})

it('and of nothing else', async () => {
  const { ask, bound, uids } = await setUp()
  expect(await ask({})).toEqual(forbidden('node requested token not bound to a pod'))
  expect(await ask({ boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'x' } })).toEqual(
    forbidden('node requested token not bound to a pod'),
  )
  expect(await ask({ boundObjectRef: { apiVersion: 'v1', kind: 'Node', name: 'n1' } })).toEqual(
    forbidden('node requested token not bound to a pod'),
  )
  expect(await ask(bound('own', ''))).toEqual(forbidden('node requested token with a pod binding without a uid'))
  expect(await ask(bound('foreign'))).toEqual(forbidden('node requested token bound to a pod scheduled on a different node'))
  expect(await ask(bound('own', uids.foreign))).toEqual(
    forbidden(
      `the UID in the bound object reference (${uids.foreign}) does not match the UID in record. The object might have been deleted and then recreated`,
    ),
  )
  expect(await ask({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'gone', uid: 'x' } })).toEqual([404, 'pods "gone" not found'])
  const [code, message] = await ask(bound('others'), 'other')
  expect([code, message]).toEqual([403, expect.stringContaining("no relationship found between node 'n1' and this object")])
})
