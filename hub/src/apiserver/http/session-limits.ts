import { TokenBucket } from '@bramble/shared/limits/token-bucket.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { constants, type Http2Session, type ServerHttp2Session } from 'node:http2'

/** What a stranger may ask at once, and what an HTTP/2 session may say beside requests: Go's clients ping every 30 s. */
const streamsOfStranger = 16
const smallTalk = { burst: 200, perSecond: 10 }
/** Requests that are taken back before they had an answer (CVE-2023-44487); watches that end had theirs. */
const takenBack = { burst: 250, perSecond: 50 }

/** Ends a session at once, saying why: its peer says more than it may. */
export const calm = (session: Http2Session): void =>
  session.destroy(new Error('it says more than a session may'), constants.NGHTTP2_ENHANCE_YOUR_CALM)

type Whose = { readonly clock: Clock; readonly isStranger: boolean; readonly maxStreams: number }

/** Ends a session that says more than one may, whatever it says. A stranger's may have more streams as soon as it `isKnown` whose it is. */
export function limitSession(session: ServerHttp2Session, { clock, isStranger, maxStreams }: Whose): { readonly isKnown: () => void } {
  const said = new TokenBucket(smallTalk, clock.monotonic())
  const onSmallTalk = () => {
    if (!said.take(clock.monotonic())) calm(session)
  }
  session.on('ping', onSmallTalk)
  session.on('remoteSettings', onSmallTalk)
  session.on('priority', onSmallTalk)
  const back = new TokenBucket(takenBack, clock.monotonic())
  let open = 0
  let most = isStranger ? streamsOfStranger : Infinity
  session.on('stream', (stream) => {
    if (++open > most) return calm(session)
    stream.on('priority', onSmallTalk)
    stream.once('close', () => {
      open -= 1
      if (!stream.headersSent && !back.take(clock.monotonic())) calm(session)
    })
  })
  if (isStranger) session.settings({ maxConcurrentStreams: streamsOfStranger })
  return {
    isKnown() {
      most = Infinity
      if (!session.destroyed) session.settings({ maxConcurrentStreams: maxStreams })
    },
  }
}
