import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, it, test, vi } from 'vitest'
import { endVanished, farEndOf } from './vanished.ts'

afterEach(() => void vi.useRealTimers())

/** A line of the kernel's table, as `/proc/net/tcp` has it. */
const line = (far: string, retransmissions: number, probes = 0, port = '192B') =>
  `   3: 0100007F:${port} ${far} 01 00000050:00000000 01:00000014 ${retransmissions.toString(16).toUpperCase().padStart(8, '0')}     0 ${String(probes).padStart(8)} 4569432 1 0000 21\n`
const far = '0100000A:C001'
const other = '0200000A:C001'

/** At which look each of two callers is ended, by what the kernel says at each. */
async function endsOf(looks: readonly string[]): Promise<Record<string, number | undefined>> {
  vi.useFakeTimers()
  const ends: Record<string, number | undefined> = {}
  let at = 0
  const caller = (remoteAddress: string) =>
    ({ remoteAddress, remotePort: 0xc001, destroy: () => void (ends[remoteAddress] ??= at) }) as unknown as Socket // all that is used
  const stop = endVanished({
    sockets: new Set([caller('10.0.0.1'), caller('10.0.0.2')]),
    port: 0x192b,
    lookMs: 1000,
    read: async () => looks[at] ?? '',
  })
  for (at = 0; at < looks.length; at += 1) await vi.advanceTimersByTimeAsync(1000)
  stop()
  return ends
}

test('who acknowledges nothing of what is sent again and again is ended, and nobody else', async () => {
  const growing = [3, 6, 7, 8, 9].map((count) => line(far, count) + line(other, 0))
  expect(await endsOf(growing)).toEqual({ '10.0.0.1': 3 })
})

test('who answers no probe is ended as well: it had said before that it has no room', async () => {
  expect(await endsOf([1, 2, 3, 3].map((probes) => line(far, 0, probes)))).toEqual({ '10.0.0.1': 3 })
})

test('who acknowledges now and then stays, as over a bad link', async () => {
  expect(await endsOf([3, 5, 0, 4, 6, 2, 3, 1].map((count) => line(far, count)))).toEqual({})
})

test('what is sent by others on this machine is none of ours', async () => {
  expect(await endsOf([3, 5, 7, 8, 9].map((count) => line(far, count, 0, '192C')))).toEqual({})
})

test.each([
  ['10.1.2.3', '0302010A:0050'],
  ['::1', '00000000000000000000000001000000:0050'],
  ['::ffff:127.0.0.1', '0000000000000000FFFF00000100007F:0050'],
  ['2001:db8:0:1:2:3:4:5', 'B80D0120010000000300020005000400:0050'],
  ['fe80::12:34ff%eth0', '000080FE0000000000000000FF341200:0050'],
])('%s is written by the kernel as %s', (remoteAddress, text) => {
  expect(farEndOf({ remoteAddress, remotePort: 80 })).toBe(text)
})

it.each(['127.0.0.1', '::1'])('a far end at %s is the one of the kernel', async (host) => {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const met = once(server, 'connection')
  const client = connect((server.address() as AddressInfo).port, host)
  const [socket] = (await met) as [Socket]
  const table = readFileSync(host === '::1' ? '/proc/net/tcp6' : '/proc/net/tcp', 'latin1')
  expect(table).toContain(` ${farEndOf(socket)} 01 `)
  client.destroy()
  socket.destroy()
  server.close()
})
