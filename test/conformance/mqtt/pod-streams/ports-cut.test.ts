import type { SpdyStream } from '@bramble/shared/spdy/spdy-stream.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openWayToPods, type WayToPods } from './way-to-pods.ts'

let way: WayToPods

const lost = expect.stringContaining('the connection of node n1 is lost') as string
const lostByNode = 'the connection to the hub was lost'
const upgrade = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' }

describe('ports that are forwarded', () => {
  beforeAll(async () => {
    way = await openWayToPods()
  })
  beforeEach(() => way.connected())
  afterAll(() => way[Symbol.asyncDispose]())

  const open = async () => {
    const spdy = await way.door.spdy('box/portforward', 'portforward.k8s.io')
    const headers = { port: String(way.listener.port), requestid: '1' }
    const error = spdy.open({ ...headers, streamtype: 'error' })
    error.end()
    const seen = { data: '', error: '', isOver: false }
    const data = spdy.open({ ...headers, streamtype: 'data' })
    const over = Promise.all([read(data, (text) => (seen.data += text)), read(error, (text) => (seen.error += text))])
    return { spdy, data, seen, over }
  }
  type Open = Awaited<ReturnType<typeof open>>
  const isThere = () => vi.waitFor(() => expect(way.listener.sockets.size).toBe(1))
  const moments: readonly (readonly [string, (open: Open) => Promise<unknown>])[] = [
    ['when they are open', isThere],
    [
      'in the middle',
      async ({ data, seen }) => {
        await data.write(Buffer.alloc(200_000, 'x'))
        await vi.waitFor(() => expect(seen.data.length).toBeGreaterThan(100_000))
      },
    ],
  ]

  it('are refused when the link is cut before it is known whether the pod is there', async () => {
    way.runtime.state.hangs = 'listPodSandboxes'
    const answer = way.door.refused('box/portforward', upgrade)
    await vi.waitFor(() => expect(way.runtime.hanging.size).toBe(1))
    way.link.cut()
    expect(await answer).toMatchObject({ code: 503, message: lost })
    await way.nothingIsLeft()
  })

  it.each(moments)('end %s and the link is cut, say why, and can be asked for again in the same session', async (_, until) => {
    const opened = await open()
    await until(opened)
    way.link.cut()
    await opened.over
    expect(opened.seen.error).toMatch(/^error forwarding port \d+ to pod box, uid [-0-9a-f]+: the connection of node n1 is lost$/)
    await way.nodeHears(lostByNode)
    await way.connected()
    const headers = { port: String(way.listener.port), requestid: '2' }
    opened.spdy.open({ ...headers, streamtype: 'error' }).end()
    const data = opened.spdy.open({ ...headers, streamtype: 'data' })
    await data.write(Buffer.from('again'))
    data.end()
    let again = ''
    await read(data, (text) => (again += text))
    expect(again).toBe('again')
    opened.spdy.close()
    await way.nothingIsLeft()
  })

  it('of which the pod has said all, and whose link is cut then, are broken off: nobody takes what was sent for arrived', async () => {
    way.listener.state.endsFirst = true
    const { spdy, data, seen } = await open()
    await vi.waitFor(() => expect(seen.data).toBe('all said'))
    way.link.cut()
    await vi.waitFor(() => expect(data.signal.aborted).toBe(true))
    spdy.close()
    await way.nothingIsLeft()
  })

  it.each(moments)('end %s and their caller goes away', async (_, until) => {
    const opened = await open()
    await until(opened)
    opened.spdy.destroy()
    await way.nothingIsLeft()
  })
})

async function read(from: SpdyStream, take: (text: string) => void): Promise<void> {
  try {
    for await (const bytes of from) take(Buffer.from(bytes).toString())
  } catch {
    // Broken off, which is an end as well.
  }
}
