import { createFrameReader } from '@bramble/shared/frames/frame-reader.ts'
import { FrameError } from '@bramble/shared/frames/frame.ts'
import { podJson } from '../samples.ts'
import { defineTarget } from '../target.ts'

const hello = {
  t: 'hello',
  v: 1,
  node: 'pi-1',
  agent: 'a',
  boot: 'b',
  mono: 0,
  clock: 0,
  features: ['streams'],
  lives: [{ life: 'A', to: 3 }],
  q: 1,
}

/** What a node says, frame by frame. */
export const framesUp = defineTarget({
  name: 'frames-up',
  seeds: [
    { json: hello },
    {
      json: {
        t: 'req',
        q: 1,
        id: 1,
        method: 'PATCH',
        path: '/api/v1/pods',
        query: { a: 'b' },
        type: 'application/json',
        key: 'k',
        ms: 1000,
        n: 2,
      },
    },
    { json: { t: 'watch', q: 1, id: 2, path: '/api/v1/pods', query: { fieldSelector: 'spec.nodeName=pi-1' } } },
    { json: { t: 'part', q: 1, m: 1, i: 1 } },
    { json: { t: 'data', q: 1, id: 3, ch: 1 } },
    { json: { t: 'ack', q: 1, bytes: 100 } },
    `{"t":"req","q":1,"id":1,"method":"POST","path":"/","query":{},"ms":1}\n${JSON.stringify(podJson)}`,
    '{"t":"cancel","q":1,"id":1}\n{"t":"end","q":2,"id":1}\n',
  ],
  words: [
    '\n',
    '"q":1',
    '"q":2',
    '"n":512',
    '"id":',
    'hello',
    'req',
    'part',
    'watch',
    'read',
    'data',
    'credit',
    'end',
    'opened',
    'renew',
    '"m":1',
    '"i":0',
    '"ch":8',
  ],
  open: () => (input) => {
    const read = createFrameReader('up')
    for (const frame of [input, Buffer.from('{"t":"part","q":2,"m":1,"i":1}\nx'), input]) {
      try {
        read(frame)
      } catch (error) {
        if (!(error instanceof FrameError)) throw error
      }
    }
  },
})
