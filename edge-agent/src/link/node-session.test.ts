import { expect, test } from 'vitest'
import { systemClock } from '@bramble/shared/clock.ts'
import { FrameError } from '@bramble/shared/frames/frame.ts'
import { isLazy } from '@bramble/shared/frames/lazy.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createNodeSession } from './node-session.ts'

test.each(['{"kind":', 'null', '{"kind":1}', ''])(
  'a stream that is opened without a kind (%s) is a wrong frame and no fault of the agent',
  (body) => {
    const session = createNodeSession({
      ...{ send: () => {}, onWelcome: () => {}, onBye: () => {}, onIgnored: () => {}, clock: systemClock, log: silentLog },
      servers: {},
    })
    session.receive(Buffer.from('{"t":"welcome","q":1,"v":1,"hubTime":1,"window":262144,"features":[]}'))
    expect(() => session.receive(Buffer.from(`{"t":"open","q":2,"id":-1}\n${body}`))).toThrow(FrameError)
    session.close('the end')
  },
)

test('the rest of a credit that goes along with what is no hurry is none either, and with anything else it is one', async () => {
  const sent: string[] = []
  const session = createNodeSession({
    ...{ onWelcome: () => {}, onBye: () => {}, onIgnored: () => {}, clock: systemClock, log: silentLog, servers: {} },
    send: (frame) =>
      void sent.push(
        `${isLazy(frame) ? 'lazy' : 'now'} ${(JSON.parse(String(Buffer.from(frame)).split('\n')[0] ?? '') as { t: string }).t}`,
      ),
  })
  session.receive(Buffer.from('{"t":"welcome","q":1,"v":1,"hubTime":1,"window":262144,"features":["acks"]}'))
  const ask = (isLazy: boolean) =>
    session.request({ method: 'GET', path: '/', query: {}, ms: 1000, isLazy, signal: new AbortController().signal })
  const first = ask(true)
  session.receive(Buffer.from('{"t":"res","q":2,"id":1,"status":200}\n{}'))
  await first
  const second = ask(false)
  session.receive(Buffer.from('{"t":"res","q":3,"id":2,"status":200}\n{}'))
  await second
  expect(sent).toEqual(['lazy ack', 'lazy req', 'now ack', 'now req'])
  session.close('the end')
})
