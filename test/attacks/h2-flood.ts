import { connect, type SecureClientSessionOptions } from 'node:http2'

type Flood = { readonly port: number; readonly tls: SecureClientSessionOptions; readonly sessions: number; readonly streams: number }

const floodMs = 8000

/** LISTs without a pause over so many sessions of so many streams each, which come back whenever they are sent away; tells the answers. */
export async function h2Flood({ port, tls, sessions, streams }: Flood): Promise<string> {
  const counts = new Map<string, number>()
  let opened = 0
  const until = performance.now() + floodMs
  const flood = async () => {
    opened += 1
    const session = connect(`https://127.0.0.1:${port}`, tls)
    session.on('error', () => {})
    const over = new Promise<void>((resolve) => session.once('close', () => resolve()))
    const one = () =>
      new Promise<void>((resolve) => {
        const stream = session.request({ ':path': '/api/v1/services' })
        stream.on('response', (headers) => {
          const status = String(headers[':status'])
          counts.set(status, (counts.get(status) ?? 0) + 1)
        })
        stream.on('error', () => resolve())
        stream.on('close', () => resolve())
        stream.resume()
      })
    const worker = async () => {
      while (performance.now() < until && !session.destroyed && !session.closed) await one()
    }
    await Promise.all(Array.from({ length: streams }, worker))
    session.destroy()
    await over
  }
  const floodAgainAndAgain = async () => {
    while (performance.now() < until) await flood()
  }
  await Promise.all(Array.from({ length: sessions }, floodAgainAndAgain))
  return `${opened} sessions, ${[...counts].map(([status, times]) => `${times} × ${status}`).join(', ')}`
}
