import { systemClock } from '@bramble/shared/clock.ts'
import { FrameError } from '@bramble/shared/frames/frame.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createNodeSession } from '../../../edge-agent/src/link/node-session.ts'
import { defineTarget } from '../target.ts'
import { renumbered } from '../frame-lines.ts'

const logs = { kind: 'logs', namespace: 'a', pod: 'b', podUid: 'u', container: 'c', follow: false, previous: false, timestamps: false }

/** What a hub says to an agent that has welcomed it, asks, watches and serves streams. */
export const framesDown = defineTarget({
  name: 'frames-down',
  seeds: [
    '{"t":"res","q":1,"id":1,"status":200}\0{"a":1}',
    '{"t":"ev","q":1,"id":2}\0{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n{"t":"ack","q":2,"bytes":10}\n{"t":"end","q":3,"id":2}\0{"kind":"Status"}',
    `{"t":"open","q":1,"id":-1}\0${JSON.stringify(logs)}\n{"t":"credit","q":2,"id":-1,"ch":1,"bytes":100}\n{"t":"cancel","q":3,"id":-1}`,
    '{"t":"open","q":1,"id":-1}\0{"kind":"exec"}\n{"t":"data","q":2,"id":-1,"ch":0,"fin":true}\0abc\n{"t":"end","q":3,"id":-1}',
    '{"t":"ev","q":1,"id":2,"n":3}\0{"type":\n{"t":"part","q":2,"m":1,"i":1}\0"ADDED",\n{"t":"part","q":3,"m":1,"i":2}\0"object":{}}\n{"t":"bye","q":4,"reason":"x"}',
    '{"t":"ping","q":1}\n{"t":"pong","q":2}\n{"t":"later","q":3,"x":1}\n{"t":"welcome","q":4,"v":1,"hubTime":1,"window":262144}',
  ],
  words: [
    '\n',
    '\0',
    '"q":2',
    '"n":512',
    '"id":-1',
    '"id":2',
    '"ch":7',
    '"fin":true',
    'welcome',
    'res',
    'ev',
    'part',
    'open',
    'data',
    'credit',
    'end',
    'cancel',
    '{"t":"ping","q":9}\n',
  ],
  open: () => async (input, random) => {
    const failures: unknown[] = []
    const session = createNodeSession({
      ...{ send: () => {}, onWelcome: () => {}, onBye: () => {}, onIgnored: () => {}, clock: systemClock, log: silentLog },
      servers: { logs: async (_asked, stream) => void stream.channel(1).end() },
    })
    try {
      session.hello({ v: 1, node: 'pi-1', agent: 'a', boot: 'b', mono: 0, clock: 0 })
      session.receive(Buffer.from('{"t":"welcome","q":1,"v":1,"hubTime":1,"window":262144,"features":["streams","lines"]}'))
      const asked = { method: 'GET', path: '/', query: {}, ms: 10, signal: AbortSignal.abort() } as const
      void session.request(asked).catch((error: unknown) => failures.push(error))
      for (const frame of renumbered(input, 2, random)) session.receive(frame)
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
    } finally {
      session.close('the end')
    }
  },
})
