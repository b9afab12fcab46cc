import { FrameError } from '@bramble/shared/frames/frame.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createReplayWindow } from '../../../hub/src/broker/session/replay-window.ts'
import { createSession } from '../../../hub/src/broker/session/session.ts'
import { renumbered } from '../frame-lines.ts'
import { defineTarget } from '../target.ts'

const clock = { now: () => 0, monotonic: () => 0 }
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** What a node says to the hub after its hello: requests, watches, reads, the bytes of a stream that the hub has opened. */
export const sessions = defineTarget({
  name: 'sessions',
  seeds: [
    '{"t":"req","q":1,"id":1,"method":"PATCH","path":"/api/v1/a","query":{"a":"b"},"type":"application/json","ms":1000}\0{"a":1}\n{"t":"cancel","q":2,"id":1}',
    '{"t":"watch","q":1,"id":1,"path":"/w","query":{}}\n{"t":"ack","q":2,"bytes":100}\n{"t":"cancel","q":3,"id":1}',
    '{"t":"read","q":1,"id":2,"path":"/r","query":{}}\n{"t":"credit","q":2,"id":2,"bytes":100}\n{"t":"data","q":3,"id":2}\0x',
    '{"t":"opened","q":1,"id":-1}\n{"t":"data","q":2,"id":-1,"ch":1}\0abc\n{"t":"data","q":3,"id":-1,"ch":1,"fin":true}\n{"t":"end","q":4,"id":-1}\0{"status":"Success"}',
    '{"t":"req","q":1,"id":3,"method":"POST","path":"/","query":{},"ms":1,"n":2,"key":"k"}\0{"a\n{"t":"part","q":2,"m":2,"i":1}\0":1}\n{"t":"ping","q":3}',
    '{"t":"renew","q":1,"id":4}\0csr\n{"t":"bye","q":2,"reason":"x"}\n{"t":"hello","q":3,"v":1,"node":"pi-1","agent":"a","boot":"b","mono":0,"clock":0}',
  ],
  words: [
    '\n',
    '\0',
    '"n":512',
    '"id":1',
    '"id":-1',
    '"id":0',
    '"ch":7',
    '"fin":true',
    'req',
    'watch',
    'read',
    'part',
    'data',
    'credit',
    'end',
    'cancel',
    'ack',
    '"bytes":1e9',
  ],
  open: () => async (input, random) => {
    let failure: unknown
    const session = createSession({
      ...{ node: 'pi-1', clock, log: silentLog, replays: createReplayWindow(clock) },
      ...{ onWelcome: () => {}, onBye: () => {}, onIgnored: () => {}, send: () => {}, bodies: { take: () => true, giveBack: () => {} } },
      historyFor: (known) => ({ lives: [{ life: 'B' }], shared: known.length }),
      handler: async () => ({ status: 200, type: 'raw', contentType: 'application/json', raw: '{}' }),
      onFailure: (error) => (failure = error),
      renew: () => Promise.resolve({ certificatePem: 'certificate' }),
    })
    const say = (frame: Buffer) => session.receive(frame)
    try {
      say(Buffer.from('{"t":"hello","q":1,"v":1,"node":"pi-1","agent":"a","boot":"b","mono":0,"clock":0,"features":["channels","lines"]}'))
      const opened = session.openStream(
        { kind: 'logs', namespace: 'a', pod: 'b', podUid: 'u', container: 'c', follow: false, previous: false, timestamps: false },
        new AbortController().signal,
      )
      for (const ended of [opened.closed, opened.accepted]) ended.catch(() => {})
      for (const frame of renumbered(input, 2, random)) say(frame)
      if (random.chance(0.3)) await turn()
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
    } finally {
      session.close('the end')
    }
    if (failure !== undefined && !(failure instanceof FrameError)) throw failure
  },
})
