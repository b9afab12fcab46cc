import { expect, test } from 'vitest'
import type { ApiRequest, ApiResponse, Handler } from '@bramble/shared/api/api-request.ts'
import { failure, toldOf } from '@bramble/shared/api/api-status.ts'
import { createFrameReader } from '@bramble/shared/frames/frame-reader.ts'
import { FrameError, frames } from '@bramble/shared/frames/frame.ts'
import type { UpMessage } from '@bramble/shared/frames/headers.ts'
import { ackBytes, creditBytes, partBytes } from '@bramble/shared/frames/limits.ts'
import { createLog } from '@bramble/shared/logging/log.ts'
import type { NodeStreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { type Bodies, unlimitedBodies } from './bodies.ts'
import { createReplayWindow } from './replay-window.ts'
import { createSession } from './session.ts'

const mebi = 1024 * 1024
const logs: NodeStreamRequest = {
  ...{ kind: 'logs', namespace: 'default', pod: 'p', podUid: 'u', container: 'c' },
  ...{ follow: true, previous: false, timestamps: false },
}
const clock = { now: () => 0, monotonic: () => 0 }
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A node that reads when the test says so; each of its requests is answered by three megabytes. */
const open = ({ bodies = unlimitedBodies, handler }: { readonly bodies?: Bodies; readonly handler?: Handler } = {}) => {
  const asked: string[] = []
  const statuses = new Map<number, number>()
  const refusals: string[] = []
  const logged: string[] = []
  const read = createFrameReader('down')
  let unread = 0
  let acknowledged = 0
  let number = 0
  let welcome: object = {}
  const session = createSession({
    historyFor: (known) => ({ lives: [{ life: 'B' }], shared: known.length }),
    node: 'pi-1',
    handler: async (request: ApiRequest, caller) => {
      const { method, path } = request
      asked.push(`${method} ${path}`)
      if (handler !== undefined) return handler(request, caller)
      if (path === '/bug') throw new TypeError('what nobody expects, at /home/anne')
      return { status: 200, type: 'raw', contentType: 'application/json', raw: path === '/short' ? '{}' : 'x'.repeat(3 * mebi) }
    },
    bodies,
    send: (frame) => {
      unread += frame.length
      const message = read(frame)
      if (message?.header.t === 'welcome') welcome = message.header
      if (message?.header.t === 'ack') acknowledged += message.header.bytes
      if (message?.header.t === 'end' && message.body !== undefined) refusals.push(Buffer.from(message.body).toString())
      if (message?.header.t !== 'res') return
      statuses.set(message.header.id, message.header.status)
      if (message.header.status >= 400) refusals.push(Buffer.from(message.body ?? []).toString())
    },
    onWelcome: () => {},
    onBye: () => {},
    onIgnored: () => {},
    onFailure: (error) => expect.unreachable(String(error)),
    renew: () => Promise.reject(new Error('not asked')),
    replays: createReplayWindow(clock),
    clock,
    log: createLog({ write: (line) => void logged.push(line) }),
  })
  const say = async (message: UpMessage, body?: Buffer) => {
    for (const frame of frames(message, body, () => ++number)) session.receive(frame)
    await turn()
    await turn()
  }
  return {
    session,
    /** What part of a frame the hub had asked for. */
    sendBytes: (id: number, bytes: number) =>
      [...frames({ t: 'data', id }, Buffer.alloc(bytes), () => ++number)].map((frame) => session.receive(frame)),
    receive: (message: UpMessage) => [...frames(message, undefined, () => ++number)].map((frame) => session.receive(frame))[0],
    asked,
    statuses,
    refusals,
    logged,
    say,
    acknowledged: () => acknowledged,
    welcome: () => welcome,
    hello: (features: string[] = [], more: object = {}) =>
      say({ t: 'hello', v: 1, node: 'pi-1', agent: 'a', boot: 'b', mono: 0, clock: 0, features, ...more }),
    ask: (method: 'GET' | 'PUT', id: number) => say({ t: 'req', id, method, path: `/${id}`, query: {}, ms: 60_000 }),
    async readAll() {
      while (unread > 0) {
        const bytes = unread
        unread = 0
        await say({ t: 'ack', bytes })
      }
    },
  }
}

test('answers to the writes of a node that does not read them are held up to 16 MiB: more writes are refused before they are done, reads are not', async () => {
  const node = open()
  await node.hello()
  // The sixth begins with 15 MiB held, the seventh with more than there may be.
  for (let id = 1; id <= 7; id++) await node.ask('PUT', id)
  expect(node.asked).toHaveLength(6)
  expect([...node.statuses]).toEqual([[7, 429]])
  expect(node.refusals[0]).toContain('node pi-1 has 16777216 bytes of answers to its writes that it has not read: read those first')
  await node.ask('GET', 8)
  expect(node.asked.at(-1)).toBe('GET /8')

  await node.readAll()
  for (const id of [1, 2, 3, 4, 5, 6, 8]) expect(node.statuses.get(id)).toBe(200)
  await node.ask('PUT', 9)
  expect(node.asked.at(-1)).toBe('PUT /9')
})

test('what nobody expects is told a node in the words of every door, and its own words stay in the log', async () => {
  const node = open()
  await node.hello()
  await node.say({ t: 'req', id: 1, method: 'GET', path: '/bug', query: {}, ms: 60_000 })
  await node.say({ t: 'read', id: 2, path: '/bug', query: {} })
  await node.say({ t: 'watch', id: 3, path: '/bug', query: {} })
  expect(node.refusals.map((text) => JSON.parse(text) as unknown)).toEqual(
    Array.from({ length: 3 }, () => failure(toldOf(new TypeError()))),
  )
  expect(node.refusals.join()).not.toContain('/home/anne')
  expect(node.logged.filter((line) => line.includes('/home/anne'))).toHaveLength(3)
})

test('an answer that its node takes back is held no more', async () => {
  const node = open()
  await node.hello()
  for (let id = 1; id <= 6; id++) await node.ask('PUT', id)
  // The first is under way; the last waits whole.
  await node.say({ t: 'cancel', id: 6 })
  await node.say({ t: 'cancel', id: 5 })
  await node.ask('PUT', 7)
  expect(node.asked.at(-1)).toBe('PUT /7')
  expect(node.refusals).toEqual([])
})

test('a short answer does not wait behind long ones', async () => {
  const node = open()
  await node.hello()
  for (let id = 1; id <= 3; id++) await node.ask('GET', id)
  await node.say({ t: 'req', id: 9, method: 'GET', path: '/short', query: {}, ms: 60_000 })
  expect([...node.statuses.keys()]).toEqual([9])
})

test('full frames of a stream that the hub has asked for are no haste of the node; small ones and those nobody asked for are', async () => {
  const node = open()
  await node.hello()
  node.session.openStream(logs, new AbortController().signal)
  expect(node.sendBytes(-1, partBytes)).toEqual([1])
  expect(node.sendBytes(-1, partBytes / 8)).toEqual([1 / 8])
  expect(node.sendBytes(-1, 0)).toEqual([0])
  expect(node.sendBytes(-2, partBytes)).toEqual([0])
})

test('credit for what was sent and acknowledgements of it are no haste of the node, which can give neither of its own accord', async () => {
  const node = open()
  await node.hello(['streams', 'acks'])
  const stream = node.session.openStream({ ...logs, kind: 'exec' } as never, new AbortController().signal)
  const credit = (bytes: number, id = -1) => node.receive({ t: 'credit', id, ch: 0, bytes })
  expect(() => credit(1)).toThrow(FrameError)
  await stream.channel(0).write(Buffer.alloc(2 * creditBytes))
  expect(credit(creditBytes)).toBe(1)
  expect(credit(creditBytes / 4)).toBe(1 / 4)
  expect(credit(creditBytes, -2)).toBe(0)
  expect(node.receive({ t: 'ack', bytes: ackBytes })).toBe(1)
  expect(node.receive({ t: 'ack', bytes: 0 })).toBe(0)
  expect(() => node.receive({ t: 'ack', bytes: 1e9 })).toThrow(FrameError)
})

test('a node of the first version is asked for logs and for nothing else, which it would answer with logs', async () => {
  const node = open()
  await node.hello()
  const { signal } = new AbortController()
  expect(() => node.session.openStream({ kind: 'exec' } as never, signal)).toThrow('node pi-1 runs agent a, which serves logs and no exec')
  expect(node.session.openStream(logs, signal).signal.aborted).toBe(false)
})

test('what a node sends is acknowledged, but for its acknowledgements, which would go on for ever', async () => {
  const node = open()
  await node.hello(['acks'])
  for (let count = 0; count < 2000; count++) await node.say({ t: 'ack', bytes: 0 })
  expect(node.acknowledged()).toBe(0)
  for (let count = 0; count < 20; count++) node.sendBytes(-9, partBytes)
  expect(node.acknowledged()).toBeGreaterThan(18 * partBytes)
  const old = open()
  await old.hello()
  for (let count = 0; count < 20; count++) old.sendBytes(-9, partBytes)
  expect(old.acknowledged()).toBe(0)
})

test('a node that asks is told which lives the hub has had and what it has of those that it names, an older one is not', async () => {
  const [asking, older] = [open(), open()]
  await asking.hello(['history'], { lives: [{ life: 'A', to: 5 }] })
  expect(asking.welcome()).toMatchObject({ lives: [{ life: 'B' }], shared: 1 })
  await older.hello(['acks'])
  expect(Object.keys(older.welcome())).not.toContain('lives')
})

test.each([
  ['taken back', undefined],
  ['repeated under the same key', 'k'],
])('bodies of requests that are %s count as long as the apiserver has them, and what is then too much is refused', async (_, key) => {
  let held = 0
  const bodies: Bodies = {
    take(_account, bytes) {
      if (held + bytes > 8 * mebi) return false
      held += bytes
      return true
    },
    giveBack: (_account, bytes) => void (held -= bytes),
  }
  let answer: (response: ApiResponse) => void = () => {}
  const coming = new Promise<ApiResponse>((resolve) => (answer = resolve))
  // As while a webhook is waited for.
  const node = open({ bodies, handler: () => coming })
  await node.hello()
  for (let id = 1; id <= 20; id++) {
    const one = key === undefined ? {} : { key: `${key}${id}` }
    await node.say({ t: 'req', id, method: 'PUT', path: `/${id}`, query: {}, ms: 60_000, ...one }, Buffer.alloc(mebi))
    await node.say({ t: 'cancel', id })
  }
  expect(node.asked).toHaveLength(8)
  expect(node.statuses.get(9)).toBe(429)
  expect(held).toBe(8 * mebi)
  answer({ status: 200, type: 'raw', contentType: 'application/json', raw: '{}' })
  await turn()
  expect(held).toBe(0)
  await node.say({ t: 'req', id: 21, method: 'PUT', path: '/21', query: {}, ms: 60_000 }, Buffer.alloc(mebi))
  expect(node.statuses.get(21)).toBe(200)
  expect(held).toBe(0)
})
