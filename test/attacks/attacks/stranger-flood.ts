import { connect } from 'node:http2'
import { defineAttack } from '../attack.ts'

/** The same without a certificate: 200 sessions of strangers ask, each as much as it may at once, and come back whenever they are sent away. */
export const strangerFlood = defineAttack('stranger-flood', async ({ admin }) => {
  const counts = new Map<string, number>()
  let sessions = 0
  const until = performance.now() + 8000
  const flood = async () => {
    sessions += 1
    const session = connect(`https://127.0.0.1:${admin.port}`, { ca: admin.ca })
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
    await Promise.all(Array.from({ length: 16 }, worker))
    session.destroy()
    await over
  }
  const floodAgainAndAgain = async () => {
    while (performance.now() < until) await flood()
  }
  await Promise.all(Array.from({ length: 200 }, floodAgainAndAgain))
  return `${sessions} sessions, ${[...counts].map(([status, times]) => `${times} × ${status}`).join(', ')}`
})
