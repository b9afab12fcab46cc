import { createPublicKey, verify } from 'node:crypto'
import { createTokenRoom } from '../../../hub/src/apiserver/testing/token-room.ts'
import { defineFigure, median, type Row } from '../figure.ts'

const rounds = 5

/** What it costs to know whose a token is: in this process, because over a socket nobody would find it. */
export const tokens = defineFigure('tokens', async () => {
  const { server, tokenOf, privateKey } = await createTokenRoom()
  const one = await tokenOf()
  const cached = microseconds(20_000, () => void server.tokens.authenticate(one))
  // More than are kept, so that each is new.
  const others: string[] = []
  for (let index = 0; index < 4000; index++) others.push(await tokenOf())
  let next = 0
  const uncached = microseconds(4000, () => void server.tokens.authenticate(others[next++ % others.length] ?? ''))
  const [head = '', payload = '', signature = ''] = one.split('.')
  const [signed, bytes] = [Buffer.from(`${head}.${payload}`), Buffer.from(signature, 'base64url')]
  const key = { key: createPublicKey(privateKey), dsaEncoding: 'ieee-p1363' } as const
  const floor = microseconds(4000, () => void verify('sha256', signed, key, bytes))
  const made = await microsecondsOf(2000, () => tokenOf())
  return [
    { figure: 'token check, known', value: cached, unit: 'µs', aim: '≤ 20 µs' },
    { figure: 'token check, new', value: uncached, unit: 'µs', floor, floorIs: 'its signature alone', aim: '≤ 200 µs' },
    { figure: 'a token is given', value: made, unit: 'µs', aim: '' },
  ] satisfies readonly Row[]
})

/** CPU time of one call: the middle of some rounds, after one that is not counted. */
function microseconds(calls: number, call: () => void): number {
  const round = () => {
    const before = process.cpuUsage()
    for (let index = 0; index < calls; index++) call()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / calls
  }
  round()
  return median(Array.from({ length: rounds }, round))
}

async function microsecondsOf(calls: number, call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  for (let index = 0; index < calls; index++) await call()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}
