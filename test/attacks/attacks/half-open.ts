import { connect } from 'node:net'
import { defineStorm } from '../storm.ts'

/** Connections to the broker that never begin their TLS. */
export const halfOpen = defineStorm('half-open', 4096, ({ cluster }, localAddress) =>
  connect({ host: '127.0.0.1', port: cluster.mqttPort, localAddress }),
)
