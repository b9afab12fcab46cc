import { connect } from 'node:http2'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, it } from 'vitest'
import { createHttpServer } from './server.ts'
import { configMap, createTestApi } from '../testing/api.ts'
import { createPki } from '../testing/pki.ts'

it('who reads none of its answers is refused before they fill the memory, and heard again when it is gone', async () => {
  const pki = await createPki()
  const { handle, server, json } = await createTestApi()
  const admin = await pki.leaf('bramble:admin', ['system:masters'], 'client')
  const hub = createHttpServer({
    ...{ handle, budget: server.budget, tls: { ...(await pki.leaf('hub', [], 'server')), ca: pki.ca }, log: silentLog },
    ...{ address: '127.0.0.1', port: 0, limits: { refusalMs: 1 } },
  })
  const stop = new AbortController()
  const running = hub.run(stop.signal)
  const port = await hub.listening
  const url = '/api/v1/namespaces/default/configmaps'
  expect((await json('POST', url, { body: configMap('large', { filler: 'x'.repeat(60_000) }) })).code).toBe(201)

  const sessionOf = (initialWindowSize: number) =>
    connect(`https://127.0.0.1:${port}`, { ca: pki.ca, ...admin, settings: { initialWindowSize } }).on('error', () => {})
  const statusOf = (session: ReturnType<typeof connect>) =>
    new Promise<number | undefined>((resolve) => {
      const stream = session.request({ ':path': `${url}/large` })
      stream.on('response', (headers) => resolve(headers[':status']))
      stream.on('error', () => {}).on('close', () => resolve(undefined))
    })
  const sessions = [0, 0, 0].map(sessionOf)
  try {
    const answers: (number | undefined)[] = []
    for (const session of sessions)
      for (let round = 0; round < 4; round++) answers.push(...(await Promise.all(Array.from({ length: 60 }, () => statusOf(session)))))
    const served = answers.filter((status) => status === 200).length
    // 32 MiB of them.
    expect(served).toBeGreaterThan(500)
    expect(served).toBeLessThan(560)
    for (const session of sessions) await new Promise<void>((resolve) => (session.once('close', resolve), session.destroy()))
    const reader = sessionOf(65_535)
    sessions.push(reader)
    while ((await statusOf(reader)) !== 200);
  } finally {
    for (const session of sessions) session.destroy()
    stop.abort()
    await running
  }
})
