import type { Call } from '../call.ts'
import { connectPorts } from '../pods/connect-ports.ts'
import { defineSubresource } from '../routes/subresource.ts'
import { connections } from '../verbs/connect.ts'

const connection = connections['pods/portforward']

/** Joins the caller with ports of a pod (Kubernetes' `connect` to `pods/portforward`). */
const connect = (call: Call) => connectPorts(call, connection)

export const portforward = defineSubresource({
  name: 'portforward',
  isLong: true,
  speaks: connection.type,
  connects: true,
  text: {
    description: 'Forwards connections to ports of a pod.',
    query: [{ name: 'ports', type: 'string', description: 'The ports, separated by commas: for WebSockets that do not carry SPDY.' }],
  },
  verbs: { get: connect, create: connect },
})
