import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openWayToPods, type WayToPods } from './way-to-pods.ts'

let way: WayToPods

const lost = expect.stringContaining('the connection of node n1 is lost') as string
const lostByNode = 'the connection to the hub was lost'

describe('logs that are followed', () => {
  beforeAll(async () => {
    way = await openWayToPods()
  })
  beforeEach(() => way.connected())
  afterAll(() => way[Symbol.asyncDispose]())

  const path = 'box/log?follow=true'
  const open = async () => {
    const request = way.door.send(path, {}, { method: 'GET' })
    request.on('error', () => {}) // it is broken off
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const seen = { text: '', end: undefined as string | undefined }
    response.on('data', (bytes: Buffer) => (seen.text += bytes.toString()))
    response.on('error', ({ message }) => (seen.end = message))
    response.on('end', () => (seen.end = 'it was whole'))
    return { request, seen }
  }
  type Open = { request: ClientRequest; seen: { text: string; end: string | undefined } }
  const moments: readonly (readonly [string, (open: Open) => Promise<unknown>])[] = [
    ['when they are open', () => vi.waitFor(async () => expect(await way.leftovers()).toMatchObject({ openLogs: 1 }))],
    [
      'in the middle',
      async ({ seen }) => {
        way.runtime.print('a line')
        await vi.waitFor(() => expect(seen.text).toContain('a line\n'))
      },
    ],
  ]

  it('are refused when the link is cut before they are open', async () => {
    way.runtime.state.hangs = 'listContainers'
    const answer = way.door.refused(path, {}, { method: 'GET' })
    await vi.waitFor(() => expect(way.runtime.hanging.size).toBe(1))
    way.link.cut()
    expect(await answer).toMatchObject({ code: 503, message: lost })
    await way.nothingIsLeft()
  })

  it.each(moments)('end %s and the link is cut, and are not taken for whole', async (_, until) => {
    const opened = await open()
    await until(opened)
    way.link.cut()
    await vi.waitFor(() => expect(opened.seen.end).toBe('aborted'))
    await way.nothingIsLeft()
    await way.nodeHears(lostByNode)
  })

  it.each(moments)('end %s and their reader goes away', async (_, until) => {
    const opened = await open()
    await until(opened)
    opened.request.destroy()
    await way.nothingIsLeft()
  })

  it('go on while the runtime is away: what is written in the meantime is read', async () => {
    const { request, seen } = await open()
    way.runtime.state.isAway = true
    await vi.waitFor(() => expect(way.runtime.state.askedInVain).toBeGreaterThan(0))
    way.runtime.print('written meanwhile')
    await vi.waitFor(() => expect(seen.text).toContain('written meanwhile\n'))
    way.runtime.state.isAway = false
    expect(seen.end).toBeUndefined()
    request.destroy()
    await way.nothingIsLeft()
  })
})
