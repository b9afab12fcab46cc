import * as z from 'zod'
import { f, inlined, message, oneOf, opt } from './field.ts'
import { int32, int64, intOrString, text } from './scalars.ts'

export const execAction = message('ExecAction', {
  command: opt(1, z.array(text), { list: 'atomic' }),
})
export type ExecAction = z.infer<typeof execAction>

export const httpHeader = message('HTTPHeader', {
  name: f(1, text),
  value: f(2, text),
})
export type HTTPHeader = z.infer<typeof httpHeader>

export const httpGetAction = message('HTTPGetAction', {
  path: f(1, text.default('/'), { description: 'The path to ask for.' }),
  port: f(2, intOrString, { description: 'The port by number or by name.' }),
  host: opt(3, text, { description: 'The host to connect to; by default the pod.' }),
  scheme: f(4, oneOf('HTTP', 'HTTPS').default('HTTP'), { description: 'HTTP or HTTPS; certificates are not checked.' }),
  httpHeaders: opt(5, z.array(httpHeader), { description: 'Headers to send.', list: 'atomic' }),
})
export type HTTPGetAction = z.infer<typeof httpGetAction>

export const tcpSocketAction = message('TCPSocketAction', {
  port: f(1, intOrString),
  host: opt(2, text),
})
export type TCPSocketAction = z.infer<typeof tcpSocketAction>

export const grpcAction = message('GRPCAction', {
  port: f(1, int32),
  service: f(2, text.default(''), { ptr: true }),
})
export type GRPCAction = z.infer<typeof grpcAction>

export const probeHandler = message('ProbeHandler', {
  exec: opt(1, execAction, { description: 'Run a command in the container; 0 is success.' }),
  httpGet: opt(2, httpGetAction, { description: 'Ask for a page; a status from 200 to 399 is success.' }),
  tcpSocket: opt(3, tcpSocketAction, { description: 'Open a connection.' }),
  grpc: opt(4, grpcAction, { description: 'Ask the gRPC health service.' }),
})
export type ProbeHandler = z.infer<typeof probeHandler>

export const probe = message(
  'Probe',
  {
    ...probeHandler.shape,
    initialDelaySeconds: opt(2, int32, { description: 'Seconds to wait after the start before the first try.' }),
    timeoutSeconds: f(3, int32.default(1), { description: 'Seconds after which a try has failed.' }),
    periodSeconds: f(4, int32.default(10), { description: 'Seconds between two tries.' }),
    successThreshold: f(5, int32.default(1), { description: 'How many tries in a row must succeed to count as a success.' }),
    failureThreshold: f(6, int32.default(3), { description: 'How many tries in a row must fail to count as a failure.' }),
    terminationGracePeriodSeconds: opt(7, int64, {
      description: 'The grace when this probe ends the container, in place of that of the pod.',
      ptr: true,
    }),
  },
  { description: 'A check that is repeated while a container runs.', inline: [inlined(1, probeHandler)] },
)
export type Probe = z.infer<typeof probe>
