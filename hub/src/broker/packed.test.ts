import { expect, it, vi } from 'vitest'
import { frames } from '@bramble/shared/frames/frame.ts'
import { lazy } from '@bramble/shared/frames/lazy.ts'
import type { BrokerEvent, BrokerOrder } from './broker-messages.ts'
import { type Packed, packed, type Parcel, together, unpack } from './packed.ts'

const over = <P extends Parcel>() => {
  const sent: Packed<P>[] = []
  const gathered = together<P>((packed, transfer) => sent.push(structuredClone(packed, { transfer })))
  const heard = () =>
    sent.splice(0).map((packed) => {
      const all: unknown[] = []
      unpack(packed, (parcel) => all.push('payload' in parcel ? { ...parcel, payload: `${Buffer.from(parcel.payload)}` } : parcel))
      return all
    })
  return { ...gathered, heard }
}
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

it('the orders of one turn are one message, in their order, each frame with its own bytes', async () => {
  const { give, flush, heard } = over<BrokerOrder>()
  const far = 2 ** 32 * 1000 + 1
  give({ type: 'send', connection: far, payload: Buffer.from('one') })
  give({ type: 'read', connection: 1, bytes: 7, asked: 0.25 })
  give({ type: 'admit', connection: 3, refusal: 'no' })
  give({ type: 'send', connection: 2, payload: Buffer.from('') })
  give({ type: 'send', connection: 2, payload: Buffer.from('three') })
  give({ type: 'close', connection: 1 })
  expect(heard()).toEqual([])
  await nextTurn()
  expect(heard()).toEqual([
    [
      { type: 'send', connection: far, payload: 'one' },
      { type: 'read', connection: 1, bytes: 7, asked: 0.25 },
      { type: 'admit', connection: 3, refusal: 'no' },
      { type: 'send', connection: 2, payload: '' },
      { type: 'send', connection: 2, payload: 'three' },
      { type: 'close', connection: 1 },
    ],
  ])
  give({ type: 'close', connection: 2 })
  flush()
  expect(heard()).toHaveLength(1)
  await nextTurn()
  expect(heard()).toEqual([])
})

it('so are what the broker tells', async () => {
  const { give, heard } = over<BrokerEvent>()
  give({ type: 'frame', connection: 1, payload: Buffer.from('a') })
  give({ type: 'disconnected', connection: 1 })
  give({ type: 'frame', connection: 2, payload: Buffer.from('b') })
  await nextTurn()
  expect(heard()).toEqual([
    [
      { type: 'frame', connection: 1, payload: 'a' },
      { type: 'disconnected', connection: 1 },
      { type: 'frame', connection: 2, payload: 'b' },
    ],
  ])
})

it('a frame that is kept holds its own bytes and not those of the whole turn', () => {
  const frames: Uint8Array[] = []
  const parcels: BrokerEvent[] = [1, 2].map((connection) => ({ type: 'frame', connection, payload: Buffer.from('abc') }))
  unpack(packed(parcels), (event) => event.type === 'frame' && frames.push(event.payload))
  expect(frames.map(({ buffer }) => buffer.byteLength)).toEqual([3, 3])
})

it('that a few bytes were dealt with goes with what comes next, that many were at once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const { give, heard } = over<BrokerOrder>()
  give({ type: 'read', connection: 1, bytes: 100, asked: 0 })
  await nextTurn()
  expect(heard()).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
  give({ type: 'close', connection: 2 })
  await nextTurn()
  expect(heard().map((parcels) => parcels.length)).toEqual([2])
  for (let index = 0; index < 4; index += 1) give({ type: 'read', connection: 1, bytes: 16 * 1024, asked: 1 })
  await nextTurn()
  expect(heard().map((parcels) => parcels.length)).toEqual([4])
  vi.useRealTimers()
})

it('what comes soon after a message goes together a moment later, unless it is much', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const { give, heard } = over<BrokerEvent>()
  const frame = (bytes: number): BrokerEvent => ({ type: 'frame', connection: 1, payload: Buffer.alloc(bytes) })
  give(frame(1))
  await nextTurn()
  expect(heard()).toHaveLength(1)
  vi.advanceTimersByTime(1)
  give(frame(1))
  await nextTurn()
  give(frame(1))
  await nextTurn()
  expect(heard()).toEqual([])
  vi.advanceTimersByTime(5)
  expect(heard().map((parcels) => parcels.length)).toEqual([2])
  give(frame(1))
  give(frame(64 * 1024))
  await nextTurn()
  expect(heard().map((parcels) => parcels.length)).toEqual([2])
  vi.advanceTimersByTime(6)
  give(frame(1))
  await nextTurn()
  expect(heard()).toHaveLength(1)
  vi.useRealTimers()
})

it('a request that is no hurry waits for others, and goes in its turn with whatever is one', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const { give, heard } = over<BrokerEvent>()
  const lease = (id: number) =>
    [...frames({ ...lazy, id, method: 'PATCH', path: '/a', query: {}, ms: 5000 }, undefined, () => id)].map((payload): BrokerEvent => ({
      type: 'frame',
      connection: id,
      payload,
    }))
  for (const frame of [...lease(1), ...lease(2)]) give(frame)
  vi.advanceTimersByTime(99)
  await nextTurn()
  expect(heard()).toEqual([])
  vi.advanceTimersByTime(1)
  expect(heard()).toMatchObject([[{ connection: 1 }, { connection: 2 }]])
  vi.advanceTimersByTime(6)
  for (const frame of lease(3)) give(frame)
  give({ type: 'frame', connection: 4, payload: Buffer.from('{"t":"req","id":1}') })
  await nextTurn()
  expect(heard()).toMatchObject([[{ connection: 3 }, { connection: 4 }]])
  vi.useRealTimers()
})

it('what a stream says goes at once, and with it whatever waited', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const { give, heard } = over<BrokerEvent>()
  const frame = (text: string): BrokerEvent => ({ type: 'frame', connection: 1, payload: Buffer.from(text) })
  give(frame('{"t":"ack","bytes":1}'))
  await nextTurn()
  expect(heard()).toHaveLength(1)
  for (const said of ['{"t":"data","id":-1,"q":2}\na', '{"t":"credit","id":-12,"bytes":7,"q":3}', '{"t":"end","id":-1,"q":4}']) {
    give(frame('{"t":"ack","bytes":1}'))
    await nextTurn()
    expect(heard()).toEqual([])
    give(frame(said))
    await nextTurn()
    expect(heard().map((parcels) => parcels.length)).toEqual([2])
  }
  give(frame('{"t":"data","id":1,"q":5}\na'))
  await nextTurn()
  expect(heard()).toEqual([])
  vi.useRealTimers()
})

it('a large frame with a buffer of its own is handed over as it is, in its turn, and one that shares its buffer is left to it', () => {
  const own = Buffer.alloc(20_000, 'own')
  const shared = Buffer.alloc(40_000, 'shared').subarray(0, 20_000)
  const frame = (payload: Uint8Array) => ({ type: 'frame', connection: 1, payload }) as const
  const all = packed<BrokerEvent>([frame(own), frame(shared), frame(Buffer.from('small')), frame(Buffer.alloc(20_000, 'last'))])
  expect(all.whole).toHaveLength(2)
  expect(all.whole[0]?.buffer).toBe(own.buffer)
  const came: Uint8Array[] = []
  unpack(all, (event) => event.type === 'frame' && came.push(event.payload))
  expect(came.map((payload) => Buffer.from(payload).toString('latin1', 0, 6))).toEqual(['ownown', 'shared', 'small', 'lastla'])
})
