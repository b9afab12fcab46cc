import { connect } from 'node:http2'
import { defineAttack } from '../attack.ts'

/** 2,000 watches of one identity, none of which is read. */
export const manyWatches = defineAttack('many-watches', async ({ admin, enroll, ask, pause }) => {
  const { key, certificate, ca } = await enroll('evil-watches')
  const counts = new Map<string, number>()
  const sessions = Array.from({ length: 10 }, () => {
    const session = connect(`https://127.0.0.1:${admin.port}`, { ca, cert: certificate, key }).on('error', () => {})
    for (let index = 0; index < 200; index++) {
      const stream = session.request({ ':path': '/api/v1/services?watch=true' })
      stream.on('error', () => {})
      stream.on('response', (headers) => {
        const status = String(headers[':status'])
        counts.set(status, (counts.get(status) ?? 0) + 1)
      })
    }
    return session
  })
  await pause(3000)
  // Each change is an event for each of them.
  const names = Array.from({ length: 20 }, (_, index) => `watched-${index}`)
  for (const name of names)
    await ask('POST', '/api/v1/namespaces/default/services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, annotations: { filler: 'x'.repeat(200_000) } },
      spec: { ports: [{ port: 80 }] },
    })
  await pause(3000)
  for (const session of sessions) session.destroy()
  for (const name of names) await ask('DELETE', `/api/v1/namespaces/default/services/${name}`)
  return [...counts].map(([status, times]) => `${times} × ${status}`).join(', ')
})
