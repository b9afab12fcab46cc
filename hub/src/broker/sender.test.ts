import { expect, test } from 'vitest'
import type { RawWatchEvent } from '@bramble/shared/api-request.ts'
import { createFrameReader, FrameError, partBytes, type DownHeader } from '@bramble/shared/frame.ts'
import { Backlog } from './backlog.ts'
import { Sender } from './sender.ts'

const open = (windowBytes = 1000) => {
  let ms = 0
  const read = createFrameReader('down')
  const heard: DownHeader[] = []
  const sizes: number[] = []
  const sender = new Sender({
    windowBytes,
    clock: { now: () => ms, monotonic: () => ms },
    send: (frame) => {
      sizes.push(frame.length)
      const message = read(frame)
      if (message !== undefined) heard.push(message.header)
    },
  })
  return { sender, heard, sizes, pass: (by: number) => (ms += by) }
}
const event = (name: string, version: number): RawWatchEvent => {
  const object = { metadata: { name, filler: 'x'.repeat(300) } }
  return { type: 'MODIFIED', resourceVersion: String(version), object, text: JSON.stringify({ type: 'MODIFIED', object }) }
}
const fill = (backlog: Backlog, count: number, prefix = 'p') => {
  for (let index = 0; index < count; index++) backlog.push(event(`${prefix}${index}`, index))
}

test('events stop where the credit ends, and go on as it comes back', () => {
  const { sender, heard, sizes } = open()
  const backlog = new Backlog()
  fill(backlog, 10)
  sender.addWatch(1, backlog)
  sender.pump()
  expect(heard).toHaveLength(3) // 1000 bytes, 350 an event
  sender.acknowledge(sizes.reduce((sum, size) => sum + size, 0))
  expect(heard).toHaveLength(6)
})

test('an answer is not shut out by events that used up the window', () => {
  const { sender, heard } = open()
  const backlog = new Backlog()
  fill(backlog, 10)
  sender.addWatch(1, backlog)
  sender.pump()
  sender.push({ t: 'res', id: 7, status: 200 }, Buffer.from('{}'))
  expect(heard.at(-1)).toMatchObject({ t: 'res', id: 7 })
})

test('watches take turns, so that a busy one does not starve a quiet one', () => {
  const { sender, heard } = open(10_000)
  const [busy, quiet] = [new Backlog(), new Backlog()]
  fill(busy, 8)
  fill(quiet, 1, 'q')
  sender.addWatch(1, busy)
  sender.addWatch(2, quiet)
  sender.pump()
  expect(heard.slice(0, 2).map((header) => 'id' in header && header.id)).toEqual([1, 2])
})

test('the end of a watch comes after its last event', () => {
  const { sender, heard, sizes } = open()
  const backlog = new Backlog()
  fill(backlog, 4)
  sender.addWatch(1, backlog)
  sender.endWatch(1, () => ({ t: 'end', id: 1 }))
  sender.acknowledge(sizes.reduce((sum, size) => sum + size, 0))
  expect(heard.map(({ t }) => t)).toEqual(['ev', 'ev', 'ev', 'ev', 'end'])
})

test('a message larger than the window goes in parts as credit comes', () => {
  const { sender, heard, sizes } = open(partBytes)
  sender.push({ t: 'res', id: 1, status: 200 }, Buffer.alloc(5 * partBytes))
  for (let acknowledged = 0; heard.length === 0;) {
    const due = sizes.slice(acknowledged)
    expect(due.length).toBeGreaterThan(0)
    acknowledged = sizes.length
    sender.acknowledge(due.reduce((sum, size) => sum + size, 0))
  }
  expect(heard).toHaveLength(1)
})

test('how long a node is silent counts from the last progress, and only while it owes something', () => {
  const { sender, sizes, pass } = open()
  pass(5000)
  expect(sender.silentMs).toBe(0)
  sender.push({ t: 'ping' })
  pass(3000)
  expect(sender.silentMs).toBe(3000)
  sender.acknowledge(sizes[0] ?? 0)
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

test('long answers wait as they are, one becoming bytes at a time, however many there are', () => {
  const { sender, heard, sizes } = open(partBytes)
  const text = 'x'.repeat(1024 * 1024)
  let done = 0
  for (let id = 1; id <= 60; id++) sender.push({ t: 'res', id, status: 200 }, text, () => done++)
  expect(done).toBe(0)
  for (let acknowledged = 0; heard.length < 60;) {
    const due = sizes.slice(acknowledged)
    expect(due.length).toBeGreaterThan(0)
    acknowledged = sizes.length
    sender.acknowledge(due.reduce((sum, size) => sum + size, 0))
  }
  expect(heard.map((header) => 'id' in header && header.id)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  expect(done).toBe(60)
})

test('long answers and events take turns, and a short answer passes both', () => {
  const { sender, heard, sizes } = open(partBytes)
  const backlog = new Backlog()
  fill(backlog, 3)
  sender.addWatch(9, backlog)
  for (let id = 1; id <= 3; id++) sender.push({ t: 'res', id, status: 200 }, 'x'.repeat(2 * partBytes))
  sender.push({ t: 'res', id: 7, status: 200 }, '{}')
  for (let acknowledged = 0; heard.length < 7;) {
    const due = sizes.slice(acknowledged)
    acknowledged = sizes.length
    sender.acknowledge(due.reduce((sum, size) => sum + size, 0))
  }
  expect(heard.map(({ t, ...header }) => ('id' in header ? `${t} ${header.id}` : t))).toEqual([
    'res 7',
    'res 1',
    'ev 9',
    'res 2',
    'ev 9',
    'res 3',
    'ev 9',
  ])
})

test('an answer that nobody waits for any more is not sent', () => {
  const { sender, heard, sizes } = open(partBytes)
  let done = 0
  for (let id = 1; id <= 3; id++) sender.push({ t: 'res', id, status: 200 }, 'x'.repeat(2 * partBytes), () => done++)
  sender.drop(2)
  expect(done).toBe(1)
  for (let acknowledged = 0; heard.length < 2;) {
    const due = sizes.slice(acknowledged)
    acknowledged = sizes.length
    sender.acknowledge(due.reduce((sum, size) => sum + size, 0))
  }
  expect(heard.map((header) => 'id' in header && header.id)).toEqual([1, 3])
})

test('who asks and does not read is ended, and the end can be said although nothing may be sent any more', () => {
  const { sender, heard } = open()
  let done = 0
  const sent = () => done++
  expect(() => {
    for (let id = 0; id < 5000; id++) sender.push({ t: 'res', id, status: 200 }, Buffer.alloc(500), sent)
  }).toThrow(FrameError)
  sender.last({ t: 'bye', reason: 'enough' })
  expect(heard.at(-1)).toMatchObject({ t: 'bye', reason: 'enough' })
  const before = done
  sender.close()
  expect(done).toBeGreaterThan(before + 2000)
  sender.close()
  sender.push({ t: 'pong' })
})
