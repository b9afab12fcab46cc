import { describe, expect, it } from 'vitest'
import { admin, configMap, createTestApi } from '../testing/api.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'
const jo = { name: 'jo', groups: ['system:authenticated'] }

async function room() {
  const api = await createTestApi()
  const read = async (query = '') => {
    const answer = await api.ask('GET', `/logs/audit${query}`)
    if (answer.type !== 'raw') throw new Error(answer.type)
    return String(answer.raw)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { user: { username: string }; verb: string })
  }
  return { ...api, read }
}

describe('GET /logs/audit', () => {
  it('is read by whom a role lets read it, and by nobody else', async () => {
    const { ask, json, bind } = await room()
    expect((await json('GET', '/logs/audit', { user: jo })).code).toBe(403)
    await bind('system:discovery', { kind: 'User', name: 'jo' })
    await bind('view', { kind: 'User', name: 'jo' })
    await bind('system:monitoring', { kind: 'User', name: 'jo' })
    expect((await json('GET', '/logs/audit', { user: jo })).code).toBe(403)
    await json('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      body: { metadata: { name: 'auditor' }, rules: [{ nonResourceURLs: ['/logs/audit'], verbs: ['get'] }] },
    })
    await bind('auditor', { kind: 'User', name: 'jo' })
    expect((await ask('GET', '/logs/audit', { user: jo })).status).toBe(200)
    expect((await json('GET', '/')).body.paths).toContain('/logs/audit')
  })

  it('tells the newest, oldest first, chosen by what is asked for', async () => {
    const { json, read } = await room()
    for (const name of ['a', 'b']) await json('POST', configMaps, { body: configMap(name) })
    await json('DELETE', `${configMaps}/a`, { user: jo })
    const all = await read()
    expect(all.map(({ user, verb }) => `${user.username} ${verb}`)).toEqual([`${admin.name} create`, `${admin.name} create`, 'jo delete'])
    expect(await read('?user=jo')).toEqual([all[2]])
    expect(await read('?verb=create&name=b&resource=configmaps&namespace=default')).toEqual([all[1]])
    expect(await read('?code=403&tailLines=1')).toEqual([all[2]])
    expect(await read('?resource=configmaps&tailLines=2')).toEqual(all.slice(1))
    expect((await json('GET', '/logs/audit?since=1h')).body.message).toContain('since: is not supported: expected user, verb, resource')
    expect((await json('GET', '/logs/audit?tailLines=-1')).code).toBe(400)
    expect((await json('POST', '/logs/audit', { body: {} })).code).toBe(405)
  })

  it('goes on with what comes, for as long as its reader is there', async () => {
    const { ask, json } = await room()
    const stop = new AbortController()
    const answer = await ask('GET', '/logs/audit?follow=true&user=jo', { signal: stop.signal })
    if (answer.type !== 'stream') throw new Error(answer.type)
    const lines = answer.stream[Symbol.asyncIterator]()
    await json('DELETE', `${configMaps}/a`)
    await json('DELETE', `${configMaps}/a`, { user: jo })
    expect(JSON.parse(Buffer.from((await lines.next()).value as Uint8Array).toString())).toMatchObject({ user: { username: 'jo' } })
    stop.abort()
    expect(await lines.next()).toMatchObject({ done: true })
    for (let count = 0; count < 40; count++) {
      const other = await ask('GET', '/logs/audit?follow=true')
      if (other.type !== 'stream') throw new Error(other.type)
      await other.stream[Symbol.asyncIterator]().return?.()
    }
  })

  it('is not followed by more than there is room for, and who does not read is ended', async () => {
    const { ask, json } = await room()
    const open = await Promise.all(Array.from({ length: 16 }, () => ask('GET', '/logs/audit?follow=true')))
    expect(open.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200))
    expect((await ask('GET', '/logs/audit?follow=true')).status).toBe(429)
    for (let count = 0; count < 1010; count++) await json('DELETE', `${configMaps}/a`, { user: jo })
    expect((await ask('GET', '/logs/audit?follow=true')).status).toBe(200)
  })
})
