import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { addressOf } from './address-of.ts'

let dir: string
const opened: { close(): unknown }[] = []
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'address-of-'))))
afterEach(() => {
  for (const each of opened.splice(0)) each.close()
  rmSync(dir, { recursive: true })
})

/** A name server: answers A questions for what it knows, says that there is nothing else, or never says anything. */
async function nameServer(known: Readonly<Record<string, string>> | 'silent') {
  const asked: string[] = []
  const socket = createSocket('udp4')
  opened.push(socket)
  socket.on('message', (question, { port, address }) => {
    const labels: string[] = []
    let at = 12
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    asked.push(labels.join('.'))
    if (known === 'silent') return
    const found = question.readUInt16BE(at + 1) === 1 ? known[labels.join('.')] : undefined
    const answer = Buffer.from(question.subarray(0, at + 5))
    answer.writeUInt16BE(found === undefined ? 0x8183 : 0x8180, 2)
    answer.writeUInt16BE(found === undefined ? 0 : 1, 6)
    answer.fill(0, 8, 12)
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...(found ?? '').split('.').map(Number)])
    socket.send(found === undefined ? answer : Buffer.concat([answer, record]), port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return { asked, servers: [`127.0.0.1:${socket.address().port}`] }
}
const { signal } = new AbortController()

it('an address is itself, and asks nobody', async () => {
  const { asked, servers } = await nameServer('silent')
  for (const host of ['192.0.2.7', '::1', '2001:db8::1']) expect(await addressOf(host, signal, { servers })).toBe(host)
  expect(await addressOf('localhost', signal, { servers })).toBe('127.0.0.1')
  expect(asked).toEqual([])
})

it('a name of the hosts file comes before name servers', async () => {
  const { asked, servers } = await nameServer('silent')
  const hostsFile = join(dir, 'hosts')
  writeFileSync(hostsFile, '127.0.0.1 localhost # me\n192.0.2.9\tNAS nas.lan\n')
  expect(await addressOf('nas', signal, { servers, hostsFile })).toBe('192.0.2.9')
  expect(asked).toEqual([])
})

it.each([
  ['nas.example', '192.0.2.8', ['nas.example']],
  ['nas', '192.0.2.9', ['nas.lan']],
  ['nas.example.', '192.0.2.8', ['nas.example']],
])('the name %s is found at %s', async (host, wanted, questions) => {
  const { asked, servers } = await nameServer({ 'nas.example': '192.0.2.8', 'nas.lan': '192.0.2.9' })
  expect(await addressOf(host, signal, { servers, searches: async () => ['lan'] })).toBe(wanted)
  expect(asked).toEqual(questions)
})

it('a name that is nowhere is told', async () => {
  const { servers } = await nameServer({})
  await expect(addressOf('gone.example', signal, { servers })).rejects.toThrow('lookup gone.example: no such host')
})

it('a name server that says nothing is waited for as long as the asker likes, and by nobody else', async () => {
  const { asked, servers } = await nameServer('silent')
  const abort = new AbortController()
  const never = Promise.all(Array.from({ length: 8 }, (_, index) => addressOf(`n${index}.example`, abort.signal, { servers })))
  never.catch(() => {})
  await expect.poll(() => asked.length).toBe(8)
  abort.abort(new Error('the probe is over'))
  await expect(never).rejects.toThrow('the probe is over')
})
