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
  path: f(1, text.default('/')),
  port: f(2, intOrString),
  host: opt(3, text),
  scheme: f(4, oneOf('HTTP', 'HTTPS').default('HTTP')),
  httpHeaders: opt(5, z.array(httpHeader), { list: 'atomic' }),
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
  exec: opt(1, execAction),
  httpGet: opt(2, httpGetAction),
  tcpSocket: opt(3, tcpSocketAction),
  grpc: opt(4, grpcAction),
})
export type ProbeHandler = z.infer<typeof probeHandler>

export const probe = message(
  'Probe',
  {
    ...probeHandler.shape,
    initialDelaySeconds: opt(2, int32),
    timeoutSeconds: f(3, int32.default(1)),
    periodSeconds: f(4, int32.default(10)),
    successThreshold: f(5, int32.default(1)),
    failureThreshold: f(6, int32.default(3)),
    terminationGracePeriodSeconds: opt(7, int64, { ptr: true }),
  },
  { inline: [inlined(1, probeHandler)] },
)
export type Probe = z.infer<typeof probe>
