import { channels, type NodeStream } from '@bramble/shared/streams/node-stream.ts'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { createPodDoor } from '../testing/pod-door.ts'

let door: Awaited<ReturnType<typeof createPodDoor>>
let writtenBytes = 0
beforeAll(async () => {
  door = await createPodDoor(async (_request, stream: NodeStream) => {
    stream.accept()
    const piece = Buffer.alloc(16 * 1024, 'x')
    while (!stream.signal.aborted) {
      await stream.channel(channels.stdout).write(piece)
      writtenBytes += piece.length
    }
  })
})
afterEach(() => void vi.useRealTimers())
afterAll(() => door[Symbol.asyncDispose]())

it('a log waits for a reader who is stopped for an hour, holds its writer back meanwhile, and goes on', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const request = door.send('box/log?follow=true', {}, { method: 'GET' })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let before = 0
  const isHeldBack = () => {
    const isSame = writtenBytes === before
    before = writtenBytes
    return isSame && before > 0
  }
  await expect.poll(isHeldBack, { interval: 200 }).toBe(true)
  await vi.advanceTimersByTimeAsync(60 * 60_000)
  expect(door.streams.map(({ signal }) => signal.aborted)).toEqual([false])
  let readBytes = 0
  response.on('data', (piece: Buffer) => (readBytes += piece.length))
  const enough = 2 * before
  await expect.poll(() => readBytes > enough).toBe(true)
  request.destroy()
  await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toEqual([])
})
