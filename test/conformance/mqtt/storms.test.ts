import { createHash, X509Certificate } from 'node:crypto'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '@bramble/shared/clock.ts'
import { createLog } from '@bramble/shared/logging/log.ts'
import { enroll } from '../../../edge-agent/src/link/identity/enroll.ts'
import { createTestCa } from './certificates.ts'
import { startHub, until } from './hub-and-node.ts'
import { createSmallApi } from './small-api.ts'

// More than one address may have, of strangers and of those who join.
const many = 300
const ca = createTestCa()
const fingerprint = createHash('sha256').update(new X509Certificate(ca.caPem).raw).digest('hex')
const token = `abcdef.0123456789abcdef.${fingerprint}`

const opened: { stop(): unknown }[] = []
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

/** An MQTT packet by its first byte, with its length [MQTT-2.2.3]. */
function packet(first: number, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.concat([Buffer.from([part.length >> 8, part.length & 255]), Buffer.from(part)]) : part,
    ),
  )
  const length: number[] = []
  for (let left = body.length; left > 0; left >>= 7) length.push((left & 127) | (left > 127 ? 128 : 0))
  return Buffer.concat([Buffer.from([first, ...length]), body])
}
const header = Buffer.from([4, 2, 0, 60])
const unfinished = (bytes: number) => packet(0x10, 'MQTT', header, 'join:abcdef', Buffer.alloc(bytes)).subarray(0, -1)
const question = (index: number, payload: string) =>
  Buffer.concat([
    packet(0x10, 'MQTT', header, `join:junk${1000 + index}`),
    packet(0x32, `$bramble/v1/join/junk${1000 + index}/q`, Buffer.from([0, 1]), Buffer.from(payload)),
  ])
const invented = JSON.stringify({ token: 'zzzzzz.0123456789abcdef', csr: 'x'.repeat(8000), node: 'evil' })

test.each<[name: string, say: (index: number) => Buffer]>([
  ['CONNECTs of 256 KB that never end', () => unfinished(256 * 1024)],
  ['CONNECTs of 4 KB that never end', () => unfinished(4000)],
  ['join questions that are none', (index) => question(index, '{'.repeat(16_000))],
  ['join questions with tokens that nobody made', (index) => question(index, invented)],
])('in a storm of %s an honest machine joins from the same address, and the log stays short', async (_name, say) => {
  const lines: string[] = []
  const hub = await startHub(createSmallApi().handler, {
    ca,
    log: createLog({ write: (line) => void lines.push(line) }),
    enroll: async (asked) => {
      if (asked.token !== token) throw new Error('no such token')
      return { certificatePem: ca.signCsr(asked.csrPem), caPem: ca.caPem }
    },
  })
  opened.push(hub)
  let settled = 0
  const storm = Array.from({ length: many }, (_, index): TLSSocket => {
    const socket = connect({ host: '127.0.0.1', port: hub.port, ca: ca.caPem }).on('error', () => {})
    // Closed, let in or answered: it is there, whatever becomes of it.
    const settle = () => {
      settled += 1
      socket.off('data', settle).off('close', settle)
    }
    socket.once('secureConnect', () => socket.write(say(index), () => socket.off('close', settle) && settle()))
    return socket.once('close', settle)
  })
  opened.unshift({ stop: () => storm.forEach((socket) => socket.destroy()) })
  await until(() => settled >= many, 'all of them are there')
  // At the first attempt: there is nothing to tell.
  const told: string[] = []
  const log = createLog({ write: (line) => void told.push(line) })
  const asked = { hubUrl: `mqtts://127.0.0.1:${hub.port}`, token, node: 'pi-1', clock: systemClock, log }
  const { certificate } = await enroll(asked, new AbortController().signal)
  expect(new X509Certificate(certificate).subject).toContain('system:node:pi-1')
  expect(told).toEqual([])
  expect(lines.length).toBeLessThan(20)
})

test.each<[who: string, said: Buffer, most: number]>([
  ['a stranger', unfinished(256 * 1024), 4096],
  ['one that joins', question(1, 'x'.repeat(32 * 1024)).subarray(0, -1), 17 * 1024],
])('a packet that %s announces beyond what it may say ends its connection, before it has come', async (_who, said, most) => {
  const lines: string[] = []
  const hub = await startHub(createSmallApi().handler, { ca, log: createLog({ level: 'debug', write: (line) => void lines.push(line) }) })
  opened.push(hub)
  const socket = connect({ host: '127.0.0.1', port: hub.port, ca: ca.caPem }).on('error', () => {})
  opened.unshift({ stop: () => socket.destroy() })
  socket.resume().write(said.subarray(0, 2048))
  await until(() => lines.some((line) => line.includes('client connection failed')), 'it is told why')
  expect(lines.join('\n')).toMatch(new RegExp(`a packet of \\d+ bytes, more than ${most}\\b`))
  await until(() => socket.destroyed, 'its connection has ended')
})
