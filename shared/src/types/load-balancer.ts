import * as z from 'zod'
import { f, message, oneOf, opt } from './field.ts'
import { int32OrZero, text } from './scalars.ts'

export const portStatus = message('PortStatus', {
  port: f(1, int32OrZero),
  protocol: f(2, oneOf('SCTP', 'TCP', 'UDP')),
  error: opt(3, text, { ptr: true }),
})
export type PortStatus = z.infer<typeof portStatus>

export const loadBalancerIngress = message('LoadBalancerIngress', {
  ip: opt(1, text),
  hostname: opt(2, text),
  ipMode: opt(3, text, { ptr: true }),
  ports: opt(4, z.array(portStatus), { list: 'atomic' }),
})
export type LoadBalancerIngress = z.infer<typeof loadBalancerIngress>

export const loadBalancerStatus = message('LoadBalancerStatus', {
  ingress: opt(1, z.array(loadBalancerIngress), { list: 'atomic' }),
})
export type LoadBalancerStatus = z.infer<typeof loadBalancerStatus>
