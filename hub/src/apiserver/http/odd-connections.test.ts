import { once } from 'node:events'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { createLog } from '@bramble/shared/logging/log.ts'
import { expect, test } from 'vitest'
import { createTestApi } from '../testing/api.ts'
import { createPki } from '../testing/pki.ts'
import { createHttpServer } from './server.ts'
import { closing } from '../../testing/closing.ts'

/** Listeners ask in order: as the connection comes, as the session begins, as a request comes. */
test.each([1, 2, 3])('a connection that cannot be dealt with at its step %i is ended, and everybody else is served', async (step) => {
  const pki = await createPki()
  const admin = await pki.leaf('bramble:admin', ['system:masters'], 'client')
  const lines: string[] = []
  let asked = Infinity
  const server = createHttpServer({
    handle: (await createTestApi()).handle,
    tls: { ...(await pki.leaf('hub', [], 'server')), ca: pki.ca },
    address: '127.0.0.1',
    port: 0,
    log: createLog({ level: 'warn', write: (line) => void lines.push(line) }),
    isOver: () => {
      asked -= 1
      if (asked === 0) throw new Error('a certificate that nobody has thought of')
      return false
    },
  })
  const stop = new AbortController()
  const running = server.run(stop.signal)
  try {
    const port = await server.listening
    const tls = { ca: pki.ca, ...admin }
    asked = step
    const session = connect(`https://127.0.0.1:${port}`, tls)
    session.on('error', () => {})
    const ended = closing(session)
    session
      .request({ ':path': '/version' })
      .on('error', () => {})
      .resume()
    await ended
    expect(lines.filter((line) => line.includes('a certificate that nobody has thought of'))).toHaveLength(1)
    asked = Infinity
    const answered = request({ host: '127.0.0.1', port, path: '/version', agent: false, ...tls }).end()
    const [{ statusCode }] = (await once(answered, 'response')) as [{ statusCode: number }]
    answered.destroy()
    expect(statusCode).toBe(200)
  } finally {
    stop.abort()
    await running
  }
})
