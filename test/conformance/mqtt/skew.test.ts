import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import { createFrameReader } from '@bramble/shared/frames/frame-reader.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { bytesOf } from '@bramble/shared/streams/bytes-of.ts'
import type { StreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { createBroker } from '../../../hub/src/broker/broker.ts'
import { brokerInThisThread } from '../../../hub/src/broker/thread/in-this-thread.ts'
import { createTestCa } from './certificates.ts'
import { start, startHub, startNode, until } from './hub-and-node.ts'
import { rawNode } from './raw-client.ts'
import { createSmallApi } from './small-api.ts'

// The frames of a hub and an agent of the first version: a log of 600 KB, one that is refused, and one that its reader leaves.
type Recorded = {
  readonly to: 'hub' | 'node'
  readonly header: { readonly t: string; readonly id?: number; readonly bytes?: number; readonly q: number }
  readonly body?: string
  readonly fill?: string
  readonly bytes?: number
}
const recorded = readFileSync(new URL('testdata/first-version.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded)
const payloadOf = ({ header, body, fill, bytes = 0 }: Recorded): Buffer => {
  const content = fill === undefined ? body : fill.repeat(bytes)
  return Buffer.from(`${JSON.stringify(header)}${content === undefined ? '' : `\n${content}`}`)
}
/** All that either side may say to one of the first version, and with which fields. */
const vocabulary: Readonly<Record<string, readonly string[]>> = {
  welcome: ['features', 'hubTime', 'v', 'window'], // who does not know features does not look at them
  hello: ['agent', 'boot', 'clock', 'features', 'mono', 'node', 'v'],
  open: ['id'],
  credit: ['bytes', 'id'],
  cancel: ['id'],
  data: ['id'],
  end: ['id'],
  res: ['id', 'status'],
  req: ['id', 'method', 'ms', 'path', 'query'],
  ack: ['bytes'],
  bye: ['reason'],
}
const isKnown = ({ t, q: _number, ...fields }: { readonly t: string; readonly q?: unknown }) =>
  vocabulary[t] !== undefined && Object.keys(fields).every((field) => vocabulary[t]?.includes(field))

const ca = createTestCa()
const { signal } = new AbortController()
const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})
const logs = (previous = false): StreamRequest<'logs'> => ({
  ...{ kind: 'logs', namespace: 'default', pod: 'a', podUid: 'u', container: 'main' },
  ...{ follow: true, previous, timestamps: false },
})
const whole = `first\n${'a'.repeat(200_000)}${'b'.repeat(200_000)}${'c'.repeat(200_000)}`
const textOf = async (stream: AsyncIterable<Uint8Array>) => {
  const all: Uint8Array[] = []
  for await (const piece of stream) all.push(piece)
  return Buffer.concat(all).toString()
}

test('a hub reads the logs of an agent of the first version, and says nothing to it that it does not know', async () => {
  const hub = keep(await startHub(createSmallApi().handler, { ca }))
  const old = await rawNode(hub, 'pi-1')
  keep({ stop: old.end })
  const heard = (t: string, id?: number) => old.received.filter(({ header }) => header.t === t && (id === undefined || header['id'] === id))
  const granted = (id?: number) => heard('credit', id).reduce((sum, { header }) => sum + Number(header['bytes']), 0)
  const due = new Map<number | undefined, number>()
  const play = (async () => {
    for (const each of recorded) {
      const { t, id, bytes = 0 } = each.header
      if (each.to === 'hub') old.sendRaw(payloadOf(each))
      else if (t === 'credit') due.set(id, (due.get(id) ?? 0) + bytes)
      // It sends on when it has been given as much as then.
      else if (t !== 'welcome' && t !== 'res') await until(() => heard(t, id).length === 1, `${t} ${id}`)
      if (
        t === 'credit' &&
        recorded.some(({ header, to }) => to === 'hub' && header.id === id && header.t === 'data' && header.q > each.header.q)
      )
        await until(() => granted(id) >= Math.min(due.get(id) ?? 0, 300_000), `credit of stream ${id}`)
    }
  })()
  await until(() => hub.gateway.connectedNodes().includes('pi-1'), 'connected')
  const open = (previous?: boolean) => bytesOf(hub.gateway.openNodeStream('pi-1', logs(previous), signal), signal)
  expect(() => hub.gateway.openNodeStream('pi-1', { kind: 'exec' } as never, signal)).toThrow(
    new ApiError('MethodNotAllowed', 'node pi-1 runs agent 0.0.0-test, which serves logs and no exec: update the agent of that node'),
  )
  expect((await textOf(open())) === whole).toBe(true)
  await expect(textOf(open(true))).rejects.toSatisfy((error) => isApiError(error) && error.message === 'no previous')
  const left = open()
  await left.next()
  await left.return(undefined)
  await play
  await until(() => heard('res').length === 1, 'its request is answered')
  expect(old.received.filter(({ header }) => !isKnown(header))).toEqual([])
  expect(hub.gateway.refusals.size).toBe(0)
})

test('an agent serves its logs to a hub of the first version, and says nothing to it that it does not know', async () => {
  const tls = ca.issue('/CN=bramble-hub', { hosts: 'IP:127.0.0.1,DNS:localhost' })
  const broker = createBroker({ host: '127.0.0.1', port: 0, tls: { ...tls, ca: ca.caPem }, start: brokerInThisThread, log: silentLog })
  const read = createFrameReader('up')
  const said: { readonly t: string; readonly id?: number }[] = []
  const came = new Map<number, string>()
  let connection = 0
  broker.onEvent((event) => {
    if (event.type === 'connecting') broker.order({ type: 'admit', connection: event.connection })
    if (event.type === 'connected') connection = event.connection
    if (event.type !== 'frame') return
    broker.order({ type: 'read', connection, bytes: event.payload.length, asked: 0 })
    const { header, body } = read(event.payload) ?? {}
    if (header === undefined) return
    said.push(header)
    if (header.t === 'data') came.set(header.id, (came.get(header.id) ?? '') + Buffer.from(body ?? []).toString())
  })
  keep(start([broker.service]))
  const node = keep(
    startNode(
      'pi-1',
      { ca, port: await broker.listening() },
      {
        servers: {
          async logs({ previous }, stream) {
            if (previous) throw new Error('no previous')
            stream.accept()
            await stream.channel(1).write(Buffer.from('first\n'))
            for (const fill of 'abc') await stream.channel(1).write(Buffer.alloc(200_000, fill))
          },
        },
      },
    ),
  )
  await until(() => said.some(({ t }) => t === 'hello'), 'hello')
  const ended = (id: number) => said.some((header) => header.t === 'end' && header.id === id)
  for (const each of recorded) {
    const { t, id = 0 } = each.header
    if (each.to === 'node' && t !== 'res') broker.order({ type: 'send', connection, payload: new Uint8Array(payloadOf(each)) })
    // What the hub said next it said when this had come.
    else if (t === 'end' && id !== -3) await until(() => ended(id), `the end of stream ${id}`)
    else if (t === 'req') await until(() => (came.get(-3)?.length ?? 0) >= 262_144, 'a window of the third')
    if (t === 'credit' && ended(id)) continue
  }
  expect(node.link.isConnected()).toBe(true)
  expect(came.get(-1) === whole).toBe(true)
  expect(said.filter((header) => !isKnown(header))).toEqual([])
  // More than a window was sent although nobody acknowledges it.
  expect((came.get(-1)?.length ?? 0) + (came.get(-3)?.length ?? 0)).toBeGreaterThan(600_000 + 262_000)
})

test('an agent leaves frames out, and counts them, that only a later hub says', async () => {
  const tls = ca.issue('/CN=bramble-hub', { hosts: 'IP:127.0.0.1,DNS:localhost' })
  const broker = createBroker({ host: '127.0.0.1', port: 0, tls: { ...tls, ca: ca.caPem }, start: brokerInThisThread, log: silentLog })
  const later = [
    '{"t":"welcome","v":1,"hubTime":1,"window":262144,"features":["streams","teleport"],"q":1,"more":{"x":1}}',
    '{"t":"teleport","q":2}',
    '{"t":"open","id":-1,"q":3}\n{"kind":"logs"}',
  ]
  broker.onEvent((event) => {
    if (event.type === 'connecting') broker.order({ type: 'admit', connection: event.connection })
    if (event.type !== 'frame') return
    for (const payload of later.splice(0)) broker.order({ type: 'send', connection: event.connection, payload: Buffer.from(payload) })
  })
  keep(start([broker.service]))
  let served = 0
  const node = keep(startNode('pi-1', { ca, port: await broker.listening() }, { servers: { logs: async () => void served++ } }))
  await until(() => served === 1, 'it goes on')
  expect(node.link.ignoredFrames).toBe(1)
})
