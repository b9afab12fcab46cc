import { expect, test } from 'vitest'
import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { createFrameReader } from '@bramble/shared/frames/frame-reader.ts'
import type { DownHeader, DownMessage, UnknownHeader } from '@bramble/shared/frames/headers.ts'
import { partBytes } from '@bramble/shared/frames/limits.ts'
import { MessageQueue } from '@bramble/shared/frames/message-queue.ts'
import { Sender } from '@bramble/shared/frames/sender.ts'
import { Backlog } from './backlog.ts'
import { WatchTurns } from './watch-turns.ts'

const open = (windowBytes = 1000) => {
  const read = createFrameReader('down')
  const heard: (DownHeader | UnknownHeader)[] = []
  const bodies: string[] = []
  let unacknowledged = 0
  const sender = new Sender<DownMessage>({
    windowBytes,
    urgentWindows: 3,
    clock: { now: () => 0, monotonic: () => 0 },
    send: (frame) => {
      unacknowledged += frame.length
      const message = read(frame)
      if (message === undefined) return
      heard.push(message.header)
      if (message.header.t === 'ev') bodies.push(Buffer.from(message.body ?? []).toString())
    },
  })
  const turns = new WatchTurns()
  const long = new MessageQueue<DownMessage>()
  sender.addSource(turns, 1)
  sender.addSource(long, 2)
  return {
    ...{ sender, turns, long, heard, bodies },
    acknowledge() {
      const bytes = unacknowledged
      unacknowledged = 0
      sender.acknowledge(bytes)
      return bytes
    },
  }
}
const event = (name: string, version: number): RawWatchEvent => {
  const object = { metadata: { name, filler: 'x'.repeat(300) } }
  return { type: 'MODIFIED', resourceVersion: String(version), object, text: JSON.stringify({ type: 'MODIFIED', object }) }
}
const fill = (backlog: Backlog, count: number, prefix = 'p') => {
  for (let index = 0; index < count; index++) backlog.push(event(`${prefix}${index}`, index))
}
const told = (heard: readonly (DownHeader | UnknownHeader)[]) => heard.map(({ t, ...header }) => ('id' in header ? `${t} ${header.id}` : t))

test('events stop where the credit ends, and go on as it comes back', () => {
  const { sender, turns, heard, acknowledge } = open()
  const backlog = new Backlog()
  fill(backlog, 10)
  turns.add(1, backlog)
  sender.pump()
  expect(heard).toHaveLength(3) // 1000 bytes, 350 an event
  acknowledge()
  expect(heard).toHaveLength(6)
})

test('answers, short and long, are not shut out by events that used up the window and are not worked on', () => {
  const { sender, turns, long, heard } = open()
  const backlog = new Backlog()
  fill(backlog, 10)
  turns.add(1, backlog)
  sender.pump()
  const before = heard.length
  long.push({ message: { t: 'res', id: 8, status: 200 }, body: 'x'.repeat(500) })
  sender.push({ t: 'res', id: 7, status: 200 }, Buffer.from('{}'))
  expect(told(heard.slice(before))).toEqual(['res 7', 'res 8'])
})

test('watches take turns, so that a busy one does not starve a quiet one', () => {
  const { sender, turns, heard } = open(10_000)
  const [busy, quiet] = [new Backlog(), new Backlog()]
  fill(busy, 8)
  fill(quiet, 1, 'q')
  turns.add(1, busy)
  turns.add(2, quiet)
  sender.pump()
  expect(told(heard.slice(0, 2))).toEqual(['ev 1', 'ev 2'])
})

test('the end of a watch comes after its last event', () => {
  const { sender, turns, heard, acknowledge } = open()
  const backlog = new Backlog()
  fill(backlog, 4)
  turns.add(1, backlog)
  turns.end(1, { message: { t: 'end', id: 1 } })
  sender.pump()
  acknowledge()
  expect(told(heard)).toEqual(['ev 1', 'ev 1', 'ev 1', 'ev 1', 'end 1'])
})

test('an event waits for one frame of a long answer and not for all of it, and a short answer for neither', () => {
  const { sender, turns, long, heard, acknowledge } = open(partBytes)
  const backlog = new Backlog()
  fill(backlog, 3)
  turns.add(9, backlog)
  long.push({ message: { t: 'res', id: 1, status: 200 }, body: 'x'.repeat(100 * partBytes) })
  sender.push({ t: 'res', id: 7, status: 200 }, '{}')
  while (heard.length < 5) expect(acknowledge()).toBeGreaterThan(0)
  expect(told(heard)).toEqual(['res 7', 'ev 9', 'ev 9', 'ev 9', 'res 1'])
})

test('a node that takes lines gets the events that wait in one frame', () => {
  const { sender, turns, bodies } = open(1_000_000)
  const backlog = new Backlog()
  turns.useLines()
  turns.add(1, backlog)
  fill(backlog, 3)
  sender.pump()
  expect(bodies.map((body) => body.split('\n').map((line) => JSON.parse(line).object.metadata.name as string))).toEqual([
    ['p0', 'p1', 'p2'],
  ])
})

test('what is told of several at once goes as the bytes that everybody gets, unless more goes well with it', () => {
  const { sender, turns, bodies } = open(1_000_000)
  const backlog = new Backlog()
  turns.useLines()
  turns.add(1, backlog)
  let made = 0
  const several = (name: string, version: number): RawWatchEvent => {
    const one = event(name, version)
    return {
      ...one,
      several: [one],
      get bytes() {
        made += 1
        return Buffer.from(one.text)
      },
    }
  }
  backlog.push(several('a', 1))
  sender.pump()
  expect(made).toBe(1)
  backlog.push(several('a', 2))
  backlog.push(several('a', 3))
  sender.pump()
  expect(made).toBe(1)
  expect(bodies.map((body) => body.split('\n').length)).toEqual([1, 2])
})
