import * as z from 'zod'
import { f, inlined, message, opt } from './field.ts'
import { typedLocalObjectReference } from './references.ts'
import { int32, int32OrZero, text, textOrEmpty } from './scalars.ts'

export const serviceBackendPort = message(
  'networking.k8s.io/v1.ServiceBackendPort',
  {
    name: opt(1, text, { description: 'The name of the port.' }),
    number: opt(2, int32, { description: 'Its number.' }),
  },
  { map: 'atomic' },
)

export const ingressServiceBackend = message('networking.k8s.io/v1.IngressServiceBackend', {
  name: f(1, textOrEmpty, { description: 'The Service, in the namespace of the Ingress.' }),
  port: opt(2, serviceBackendPort, { description: 'The port of the Service.', byValue: true }),
})

export const ingressBackend = message('networking.k8s.io/v1.IngressBackend', {
  service: opt(4, ingressServiceBackend, { description: 'A Service.' }),
  resource: opt(3, typedLocalObjectReference, { description: 'Something else, if the controller knows it.' }),
})
export type IngressBackend = z.infer<typeof ingressBackend>

export const httpIngressPath = message('networking.k8s.io/v1.HTTPIngressPath', {
  path: opt(1, text, { description: 'What the path of a request begins with, or is.' }),
  pathType: opt(3, text, { description: 'Exact, Prefix, or ImplementationSpecific as the controller likes.', ptr: true }),
  backend: f(2, ingressBackend.prefault({}), { description: 'Where such requests go.' }),
})
export type HTTPIngressPath = z.infer<typeof httpIngressPath>

export const httpIngressRuleValue = message('networking.k8s.io/v1.HTTPIngressRuleValue', {
  paths: f(1, z.array(httpIngressPath).default([]), { list: 'atomic' }),
})

export const ingressRuleValue = message('networking.k8s.io/v1.IngressRuleValue', {
  http: opt(1, httpIngressRuleValue, { description: 'By path.' }),
})

export const ingressRule = message(
  'networking.k8s.io/v1.IngressRule',
  {
    host: opt(1, text, { description: 'For requests to this host; without it, to any.' }),
    ...ingressRuleValue.shape,
  },
  { inline: [inlined(2, ingressRuleValue)] },
)
export type IngressRule = z.infer<typeof ingressRule>

export const ingressTLS = message('networking.k8s.io/v1.IngressTLS', {
  hosts: opt(1, z.array(text), { description: 'The hosts that the certificate is for.', list: 'atomic' }),
  secretName: opt(2, text, { description: 'The Secret with the certificate and its key.' }),
})

export const ingressSpec = message(
  'networking.k8s.io/v1.IngressSpec',
  {
    ingressClassName: opt(4, text, { description: 'Which controller sees to it.', ptr: true }),
    defaultBackend: opt(1, ingressBackend, { description: 'Where requests go for which there is no rule.' }),
    tls: opt(2, z.array(ingressTLS), { description: 'Certificates.', list: 'atomic' }),
    rules: opt(3, z.array(ingressRule), { description: 'Which requests go where.', list: 'atomic' }),
  },
  { description: 'Which requests from outside go to which Services.' },
)
export type IngressSpec = z.infer<typeof ingressSpec>

export const ingressPortStatus = message('networking.k8s.io/v1.IngressPortStatus', {
  port: f(1, int32OrZero),
  protocol: f(2, textOrEmpty),
  error: opt(3, text, { ptr: true }),
})

export const ingressLoadBalancerIngress = message('networking.k8s.io/v1.IngressLoadBalancerIngress', {
  ip: opt(1, text),
  hostname: opt(2, text),
  ports: opt(4, z.array(ingressPortStatus), { list: 'atomic' }),
})

export const ingressLoadBalancerStatus = message('networking.k8s.io/v1.IngressLoadBalancerStatus', {
  ingress: opt(1, z.array(ingressLoadBalancerIngress), { description: 'Where it can be reached.', list: 'atomic' }),
})
export type IngressLoadBalancerStatus = z.infer<typeof ingressLoadBalancerStatus>

export const ingressStatus = message('networking.k8s.io/v1.IngressStatus', {
  loadBalancer: opt(1, ingressLoadBalancerStatus, { byValue: true }),
})
export type IngressStatus = z.infer<typeof ingressStatus>
