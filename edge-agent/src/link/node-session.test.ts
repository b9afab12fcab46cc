import { expect, test } from 'vitest'
import { systemClock } from '@bramble/shared/clock.ts'
import { FrameError } from '@bramble/shared/frames/frame.ts'
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
