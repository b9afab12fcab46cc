import { generateKeyPairSync } from 'node:crypto'
import { createTestApi, type Json } from './api.ts'

export const hourMs = 3600 * 1000

/** An apiserver with an account `robot`, a clock that stands, and its signing key. */
export async function createTokenRoom() {
  const time = { now: Date.UTC(2026, 10, 28) }
  const clock = { now: () => time.now, monotonic: () => time.now }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const api = await createTestApi({ clock, authentication: { keys: [privateKey] } })
  const { json, server } = api
  const inDefault = '/api/v1/namespaces/default'
  const accounts = `${inDefault}/serviceaccounts`
  const make = async (url: string, body: object): Promise<Json> => {
    const made = await json('POST', url, { body })
    if (made.code !== 201) throw new Error(JSON.stringify(made.body))
    return made.body
  }
  const robot = await make(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } })
  const request = (spec: object = {}, metadata: object = {}, name = 'robot') =>
    json('POST', `${accounts}/${name}/token`, { body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata, spec } })
  const tokenOf = async (spec: object = {}, name = 'robot'): Promise<string> => {
    const { code, body } = await request(spec, {}, name)
    if (code !== 201) throw new Error(JSON.stringify(body))
    return body.status.token
  }
  const review = async (token: string, audiences?: readonly string[]): Promise<Json> =>
    (await json('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token, audiences } } })).body.status
  return { ...api, server, time, privateKey, robot, accounts, inDefault, make, request, tokenOf, review }
}

/** The claims and the head of a token, unlooked at. */
export const partsOf = (token: string): readonly Json[] =>
  token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
