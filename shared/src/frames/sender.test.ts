import { expect, test } from 'vitest'
import { createFrameReader } from './frame-reader.ts'
import { FrameError } from './frame.ts'
import type { DownHeader, DownMessage, UnknownHeader } from './headers.ts'
import { maxParts, partBytes } from './limits.ts'
import { MessageQueue } from './message-queue.ts'
import { Sender } from './sender.ts'

const open = (windowBytes = partBytes, urgentWindows = 3) => {
  let ms = 0
  const read = createFrameReader('down')
  const heard: (DownHeader | UnknownHeader)[] = []
  const sizes: number[] = []
  const sender = new Sender<DownMessage>({
    windowBytes,
    urgentWindows,
    clock: { now: () => ms, monotonic: () => ms },
    send: (frame) => {
      sizes.push(frame.length)
      const message = read(frame)
      if (message !== undefined) heard.push(message.header)
    },
  })
  let acknowledged = 0
  return {
    ...{ sender, heard, sizes },
    pass: (by: number) => (ms += by),
    acknowledge() {
      const due = sizes.slice(acknowledged)
      acknowledged = sizes.length
      expect(due.length).toBeGreaterThan(0)
      sender.acknowledge(due.reduce((sum, size) => sum + size, 0))
    },
  }
}
const queueOn = (sender: Sender<DownMessage>) => {
  const queue = new MessageQueue<DownMessage>()
  sender.addSource(queue, 1)
  return queue
}
const answer = (id: number) => ({ t: 'res', id, status: 200 }) as const
const ids = (heard: readonly (DownHeader | UnknownHeader)[]) => heard.map((header) => ('id' in header ? header.id : 0))

test('a message larger than the window goes in parts of a frame each, as credit comes', () => {
  const { sender, heard, sizes, acknowledge } = open()
  const queue = queueOn(sender)
  queue.push({ message: answer(1), body: Buffer.alloc(5 * partBytes) })
  sender.pump()
  while (heard.length === 0) acknowledge()
  expect(heard).toHaveLength(1)
  expect(sizes).toHaveLength(5)
  expect(Math.max(...sizes)).toBeLessThan(partBytes + 100)
})

test('who takes few parts gets larger ones, and who takes many gets none that is larger than a frame', () => {
  const largest = (parts: number) => {
    const { sender, sizes } = open(Infinity)
    sender.useParts(parts)
    queueOn(sender).push({ message: answer(1), body: Buffer.alloc(8 * 1024 * 1024) })
    sender.pump()
    return [sizes.length, Math.max(...sizes) > partBytes + 100]
  }
  expect(largest(maxParts.before)).toEqual([128, true])
  expect(largest(maxParts.now)).toEqual([512, false])
})

test('sources take turns by the frame, and what is urgent passes them all', () => {
  const { sender, heard, sizes } = open(Infinity)
  const [first, second] = [queueOn(sender), queueOn(sender)]
  for (const [queue, id] of [
    [first, 1],
    [second, 2],
  ] as const)
    for (let count = 0; count < 2; count++) queue.push({ message: answer(id), body: Buffer.alloc(2 * partBytes) })
  sender.push({ t: 'pong' })
  expect(heard.map(({ t, ...header }) => ('id' in header ? `${t} ${header.id}` : t))).toEqual(['pong', 'res 1', 'res 2', 'res 1', 'res 2'])
  expect(sizes).toHaveLength(9)
})

test('long messages wait as they are, one becoming bytes at a time, however many there are; each tells when it is out', () => {
  const { sender, heard, acknowledge } = open()
  const queue = queueOn(sender)
  const text = 'x'.repeat(1024 * 1024)
  let done = 0
  for (let id = 1; id <= 60; id++) queue.push({ message: answer(id), body: text, onDone: () => done++ })
  sender.pump()
  expect(done).toBe(0)
  while (heard.length < 60) {
    acknowledge()
    expect(done).toBe(heard.length)
  }
  expect(ids(heard)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
})

test('a message that nobody waits for any more is not sent', () => {
  const { sender, heard, acknowledge } = open()
  const queue = queueOn(sender)
  let done = 0
  for (let id = 1; id <= 3; id++) queue.push({ message: answer(id), body: 'x'.repeat(2 * partBytes), onDone: () => done++ })
  sender.pump()
  expect(queue.drop((message) => message.t === 'res' && message.id === 2)).toBe(true)
  expect(queue.drop((message) => message.t === 'res' && message.id === 2)).toBe(false)
  expect(done).toBe(1)
  while (heard.length < 2) acknowledge()
  expect(ids(heard)).toEqual([1, 3])
})

test('how long the other side is silent counts from the last progress, and only while it owes something', () => {
  const { sender, acknowledge, pass } = open()
  pass(5000)
  expect(sender.silentMs).toBe(0)
  sender.push({ t: 'ping' })
  pass(3000)
  expect(sender.silentMs).toBe(3000)
  acknowledge()
  pass(9000)
  expect(sender.silentMs).toBe(0)
})

test('credit for more than was sent ends the session; an acknowledgement of nothing is no progress', () => {
  const { sender, pass } = open()
  expect(() => sender.acknowledge(1)).toThrow(FrameError)
  sender.push({ t: 'ping' })
  pass(3000)
  sender.acknowledge(0)
  expect(sender.silentMs).toBe(3000)
})

test('what is said now is not counted: it needs no credit, and nobody acknowledges it', () => {
  const { sender, heard, sizes } = open(10, 1)
  sender.push({ t: 'ping' })
  sender.push({ t: 'ping' })
  sender.sayNow({ t: 'ack', bytes: 7 })
  expect(heard.map(({ t }) => t)).toEqual(['ping', 'ack'])
  sender.acknowledge(sizes[0] ?? 0)
  expect(sender.silentMs).toBe(0)
  expect(heard.map(({ t }) => t)).toEqual(['ping', 'ack', 'ping'])
})

test('who asks and does not read is ended, and the end can be said although nothing may be sent any more', () => {
  const { sender, heard } = open(1000)
  let done = 0
  const sent = () => done++
  expect(() => {
    for (let id = 0; id < 5000; id++) sender.push(answer(id), Buffer.alloc(500), sent)
  }).toThrow(FrameError)
  sender.sayNow({ t: 'bye', reason: 'enough' })
  expect(heard.at(-1)).toMatchObject({ t: 'bye', reason: 'enough' })
  const before = done
  sender.close()
  expect(done).toBeGreaterThan(before + 2000)
  sender.close()
  sender.push({ t: 'pong' })
})
