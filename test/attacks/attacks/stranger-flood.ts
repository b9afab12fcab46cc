import { defineAttack } from '../attack.ts'
import { h2Flood } from '../h2-flood.ts'

/** The same without a certificate: 200 sessions of strangers ask, each as much as it may at once, and come back whenever they are sent away. */
export const strangerFlood = defineAttack('stranger-flood', ({ admin: { port, ca } }) =>
  h2Flood({ port, tls: { ca }, sessions: 200, streams: 16 }),
)
