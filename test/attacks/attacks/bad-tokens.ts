import { Agent, request } from 'node:https'
import { defineAttack } from '../attack.ts'

const seconds = 8
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = (index: number) => encoded({ iss: 'https://kubernetes.default.svc.cluster.local', sub: 'x', exp: 4e9, jti: `${index}` })

/** Each another token that nobody gave, of all kinds: what it costs to look at them must not be the hub's whole day. */
const tokens = [
  (index: number) => `${encoded({ alg: 'ES256' })}.${claims(index)}.${Buffer.alloc(64, index + 1).toString('base64url')}`,
  (index: number) => `${encoded({ alg: 'none' })}.${claims(index)}.`,
  (index: number) => `${encoded({ alg: 'ES256' })}.${Buffer.from('['.repeat(5000 + (index % 10))).toString('base64url')}.AAAA`,
  (index: number) => `abcdef.${String(index).padStart(16, '0')}`,
  (index: number) => 'A'.repeat(15_000 - (index % 100)),
]

export const badTokens = defineAttack('bad-tokens', async ({ admin: { ca, port }, pause }) => {
  const agents = Array.from({ length: 16 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  const answers = new Map<string, number>()
  const state = { isOver: false }
  const count = (what: string) => answers.set(what, (answers.get(what) ?? 0) + 1)
  const one = (agent: Agent, token: string) =>
    new Promise<void>((resolve) => {
      const headers = { authorization: `Bearer ${token}` }
      const asked = request({ host: '127.0.0.1', port, path: '/api/v1/secrets', ca, agent, headers }, (response) => {
        count(String(response.statusCode))
        response
          .resume()
          .on('end', resolve)
          .on('error', () => resolve())
      })
      asked.on('error', () => (count('hung up on'), resolve()))
      asked.end()
    })
  const attackers = agents.map(async (agent, at) => {
    for (let index = at; !state.isOver; index += agents.length) await one(agent, tokens[index % tokens.length]?.(index) ?? '')
  })
  await pause(seconds * 1000)
  state.isOver = true
  await Promise.all(attackers)
  for (const agent of agents) agent.destroy()
  return [...answers].map(([what, times]) => `${times} × ${what}`).join(', ')
})
