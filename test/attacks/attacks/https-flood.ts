import { defineAttack } from '../attack.ts'
import { h2Flood } from '../h2-flood.ts'

/** LISTs by the thousand over many HTTP/2 streams, from one node's certificate that comes back whenever it is sent away. */
export const httpsFlood = defineAttack('https-flood', async ({ enroll, admin: { port } }) => {
  const { key, certificate, ca } = await enroll('evil-flood')
  return h2Flood({ port, tls: { ca, cert: certificate, key }, sessions: 5, streams: 200 })
})
