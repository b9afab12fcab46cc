import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { writeResponse } from './response.ts'

afterEach(() => void vi.useRealTimers())

const minuteMs = 60_000

async function* parts(): AsyncGenerator<Uint8Array> {
  for (const part of ['one ', 'two ', 'three']) yield Buffer.from(part)
}

/** A reader that takes nothing before it is continued: not the first byte either. */
function stoppedReader() {
  const taken: string[] = []
  let isCutOff = false
  let go: (() => void) | undefined
  const response = Object.assign(
    new Writable({
      highWaterMark: 1,
      write(bytes: Buffer, _encoding, done) {
        const take = () => (taken.push(bytes.toString()), done())
        if (go === undefined) waiting.push(take)
        else take()
      },
    }),
    { writeHead: () => {}, stream: { close: () => void (isCutOff = true) } },
  ) as unknown as Http2ServerResponse // all that is used
  const waiting: (() => void)[] = []
  return {
    response,
    goOn: () => {
      go = () => {}
      for (const take of waiting) take()
    },
    seen: () => ({ isCutOff, text: taken.join('') }),
  }
}

async function afterAnHour(answer: Partial<ApiResponse & { type: 'stream' }>) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const reader = stoppedReader()
  const request = { method: 'GET', headers: {}, socket: {} } as unknown as Http2ServerRequest // all that is used
  const whole: ApiResponse = { type: 'stream', status: 200, contentType: 'text/plain', stream: parts(), ...answer }
  const written = writeResponse(whole, request, reader.response, new AbortController()).then(
    () => 'written',
    (error: Error) => error.message,
  )
  await turn()
  await vi.advanceTimersByTimeAsync(60 * minuteMs)
  const unread = reader.seen()
  reader.goOn()
  return { unread, end: await written, seen: reader.seen() }
}

test('a log whose reader is stopped for an hour goes on when it is continued, without a byte missing', async () => {
  const { unread, end, seen } = await afterAnHour({ isPatient: true })
  expect(unread).toEqual({ isCutOff: false, text: '' })
  expect(end).toBe('written')
  expect(seen).toEqual({ isCutOff: false, text: 'one two three' })
})

test('a long list whose reader takes nothing for a minute is cut off: it takes a place that others wait for', async () => {
  const { unread, end } = await afterAnHour({ isCompressible: true })
  expect(unread).toEqual({ isCutOff: true, text: '' })
  expect(end).toBe('the reader took nothing for 60 s')
})
