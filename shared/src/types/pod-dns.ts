import * as z from 'zod'
import { f, message, opt } from './field.ts'
import { text } from './scalars.ts'

export const hostAlias = message('HostAlias', {
  ip: f(1, text),
  hostnames: opt(2, z.array(text), { list: 'atomic' }),
})
export type HostAlias = z.infer<typeof hostAlias>

export const podDnsConfigOption = message('PodDNSConfigOption', {
  name: opt(1, text),
  value: opt(2, text, { ptr: true }),
})
export type PodDNSConfigOption = z.infer<typeof podDnsConfigOption>

export const podDnsConfig = message('PodDNSConfig', {
  nameservers: opt(1, z.array(text), { list: 'atomic' }),
  searches: opt(2, z.array(text), { list: 'atomic' }),
  options: opt(3, z.array(podDnsConfigOption), { list: 'atomic' }),
})
export type PodDNSConfig = z.infer<typeof podDnsConfig>
