import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { checkDnsSubdomain, checkIp, checkQualifiedName } from '../../meta/names.ts'
import type { ServiceSpec } from '../../types/service-spec.ts'
import { checked, duplicatesOf } from './field-errors.ts'

/** It is a name for another one and has no addresses. The name may end in a dot: it is then a whole one. */
export function validateExternalName(spec: ServiceSpec): FieldError[] {
  const { externalName = '', clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec
  const name = externalName.replace(/\.$/, '')
  const none = (field: string) => fieldForbidden(`spec.${field}`, 'may not be set for ExternalName services')
  return [
    ...(clusterIP !== '' || clusterIPs.length > 0 ? [none('clusterIPs')] : []),
    ...(ipFamilies.length > 0 ? [none('ipFamilies')] : []),
    ...(ipFamilyPolicy === undefined ? [] : [none('ipFamilyPolicy')]),
    ...(name === '' ? [fieldRequired('spec.externalName')] : checked('spec.externalName', name, checkDnsSubdomain)),
  ]
}

export function validateClusterIps({ type, clusterIP = '', clusterIPs = [], ipFamilies = [] }: ServiceSpec): FieldError[] {
  const field = 'spec.clusterIPs'
  const [first] = clusterIPs
  const isHeadless = first === 'None'
  return [
    ...(isHeadless && (type === 'NodePort' || type === 'LoadBalancer')
      ? [fieldInvalid(`${field}[0]`, first, `may not be set to 'None' for ${type} services`)]
      : []),
    ...(clusterIP === '' && first !== undefined
      ? [fieldInvalid(field, clusterIPs, 'must be empty when `clusterIP` is not specified')]
      : []),
    ...(clusterIP !== '' && first !== undefined && first !== clusterIP
      ? [fieldInvalid(field, clusterIPs, 'first value must match `clusterIP`')]
      : []),
    ...duplicatesOf(ipFamilies).map((i) => fieldDuplicate(`spec.ipFamilies[${i}]`, ipFamilies[i])),
    ...(isHeadless && clusterIPs.length > 1 ? [fieldInvalid(field, clusterIPs, "'None' must be the first and only value")] : []),
    ...clusterIPs.flatMap((ip, i) => (isHeadless && i === 0 ? [] : checked(`${field}[${i}]`, ip, checkIp))),
    ...(clusterIPs.length > 2 ? [fieldInvalid(field, clusterIPs, 'may only hold up to 2 values')] : []),
  ]
}

const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone']

/** What only a load balancer has, and how the endpoints are chosen. */
export function validateBalancing(spec: ServiceSpec): FieldError[] {
  const { type, allocateLoadBalancerNodePorts, loadBalancerClass, trafficDistribution } = spec
  const only = (field: string, value: unknown) =>
    value !== undefined && type !== 'LoadBalancer'
      ? [fieldForbidden(`spec.${field}`, "may only be used when `type` is 'LoadBalancer'")]
      : []
  return [
    ...only('allocateLoadBalancerNodePorts', allocateLoadBalancerNodePorts),
    ...only('loadBalancerClass', loadBalancerClass),
    ...(type === 'LoadBalancer' && loadBalancerClass !== undefined
      ? checked('spec.loadBalancerClass', loadBalancerClass, checkQualifiedName)
      : []),
    ...(trafficDistribution !== undefined && !distributions.includes(trafficDistribution)
      ? [fieldNotSupported('spec.trafficDistribution', trafficDistribution, distributions)]
      : []),
  ]
}
