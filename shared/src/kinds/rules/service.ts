import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { checkCidr, checkNonSpecialIp, isIpv4, isIpv6 } from '../../meta/ip.ts'
import { checkDnsLabel, checkDnsSubdomain, checkIp, checkPortNumber, checkQualifiedName, type NameCheck } from '../../meta/names.ts'
import { sourceRangesAnnotation } from '../../meta/source-ranges.ts'
import type { LoadBalancerStatus } from '../../types/load-balancer.ts'
import type { ServicePort, ServiceSpec } from '../../types/service-spec.ts'
import { isSameJson } from '../../json/same-json.ts'
import { checked, duplicatesOf, fieldTooMany, immutable, validateLabels } from './field-errors.ts'
import { validateBalancing, validateClusterIps, validateExternalName } from './service-addresses.ts'
import { validatePort } from './probes.ts'

export function setServiceDefaults(spec: ServiceSpec): void {
  const { type } = spec
  for (const port of spec.ports ?? [])
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port
  if (spec.clusterIP !== undefined && spec.clusterIP !== '' && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP]
  if (spec.sessionAffinity === 'ClientIP')
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10_800, ...spec.sessionAffinityConfig?.clientIP } }
  else if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (isExternal(spec)) spec.externalTrafficPolicy ??= 'Cluster'
  if (type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
  if (type === 'ExternalName') return
  spec.internalTrafficPolicy ??= 'Cluster'
  spec.ipFamilyPolicy ??= 'SingleStack'
  spec.ipFamilies ??= ['IPv4']
}

/** Reached from outside of the cluster. */
const isExternal = ({ type, externalIPs = [] }: ServiceSpec): boolean =>
  type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs.length > 0)

/**
 * More than any Service of everyday life has. Each is looked up in each pod, and each node has each of them for each endpoint among its
 * rules: Kubernetes has no limit, and one Service with thousands of ports holds all of it up.
 */
const mostPorts = 250

export function validateServiceSpec(spec: ServiceSpec): FieldError[] {
  const { type, ports = [], clusterIP = '', sessionAffinityConfig } = spec
  const mayHaveNoPorts = clusterIP === 'None' || type === 'ExternalName'
  const names = ports.map(({ name }) => name)
  const ids = ports.map(({ protocol, port }) => `${protocol}/${port}`)
  const taken = ports.map(({ nodePort = 0, protocol }) => (nodePort === 0 ? undefined : `${protocol}/${nodePort}`))
  return [
    ...(ports.length === 0 && !mayHaveNoPorts ? [fieldRequired('spec.ports')] : []),
    ...(ports.length > mostPorts ? [fieldTooMany('spec.ports', ports.length, mostPorts)] : []),
    ...ports.flatMap((port, i) => validateServicePort(port, `spec.ports[${i}]`, { needsName: ports.length > 1, type })),
    ...duplicatesOf(names).map((i) => fieldDuplicate(`spec.ports[${i}].name`, names[i])),
    ...duplicatesOf(ids).map((i) => fieldDuplicate(`spec.ports[${i}]`, { protocol: ports[i]?.protocol, port: ports[i]?.port })),
    ...duplicatesOf(taken).map((i) => fieldDuplicate(`spec.ports[${i}].nodePort`, ports[i]?.nodePort)),
    ...validateLabels('spec.selector', spec.selector),
    ...(type === 'ExternalName' ? validateExternalName(spec) : validateClusterIps(spec)),
    ...validateBalancing(spec),
    ...(spec.externalIPs ?? []).flatMap((ip, i) => checked(`spec.externalIPs[${i}]`, ip, checkOutsideIp)),
    ...validateTimeout(sessionAffinityConfig?.clientIP?.timeoutSeconds),
    ...(spec.externalTrafficPolicy !== undefined && !isExternal(spec)
      ? [fieldInvalid('spec.externalTrafficPolicy', spec.externalTrafficPolicy, 'may only be set for externally-accessible services')]
      : []),
    ...validateHealthCheck(spec),
  ]
}

/** A load balancer that must know on which nodes there are endpoints asks each node at this port. */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local'

function validateHealthCheck(spec: ServiceSpec): FieldError[] {
  const { healthCheckNodePort: port = 0 } = spec
  const field = 'spec.healthCheckNodePort'
  if (port === 0) return []
  if (needsHealthCheck(spec)) return checkPortNumber(port).map((complaint) => fieldInvalid(field, port, complaint))
  return [fieldInvalid(field, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")]
}

function validateTimeout(seconds: number | undefined): FieldError[] {
  const field = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds'
  const isGood = seconds === undefined || (seconds > 0 && seconds <= 86_400)
  return isGood ? [] : [fieldInvalid(field, seconds, 'must be greater than 0 and less than 86400')]
}

/**
 * Who may use a load balancer: a firewall, so nothing in it may be read in two ways. The annotation is its older form and counts where
 * the field is empty.
 */
export function validateSourceRanges(spec: ServiceSpec, annotations: Readonly<Record<string, string>> | undefined): FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? []
  const annotation = annotations?.[sourceRangesAnnotation]
  const field = ranges.length > 0 ? 'spec.LoadBalancerSourceRanges' : `metadata.annotations[${sourceRangesAnnotation}]`
  if (ranges.length === 0 && annotation === undefined) return []
  const errors = spec.type === 'LoadBalancer' ? [] : [fieldForbidden(field, "may only be used when `type` is 'LoadBalancer'")]
  // Padding is allowed, as these were a text with commas once.
  if (ranges.length > 0) errors.push(...ranges.flatMap((range, i) => checked(`${field}[${i}]`, range.trim(), checkCidr)))
  else if (annotation?.trim()) errors.push(...annotation.split(',').flatMap((range) => checked(field, range.trim(), checkCidr)))
  return errors
}

/** An address of a load balancer is one that packets arrive with, unless it says otherwise. */
export function setIpModes(status: LoadBalancerStatus | undefined): void {
  for (const ingress of status?.ingress ?? []) if ((ingress.ip ?? '') !== '') ingress.ipMode ??= 'VIP'
}

export function validateLoadBalancerStatus({ type }: ServiceSpec, status: LoadBalancerStatus | undefined): FieldError[] {
  const ingress = status?.ingress ?? []
  const field = 'status.loadBalancer.ingress'
  if (type !== 'LoadBalancer' && ingress.length > 0) return [fieldForbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")]
  return ingress.flatMap(({ ip = '', hostname = '', ipMode }, i) => [
    ...(ip === '' ? [] : checked(`${field}[${i}].ip`, ip, checkIp)),
    ...(ipMode !== undefined && ip === '' ? [fieldForbidden(`${field}[${i}].ipMode`, 'may not be specified when `ip` is not set')] : []),
    ...(ipMode !== undefined && ip !== '' && !ipModes.includes(ipMode)
      ? [fieldNotSupported(`${field}[${i}].ipMode`, ipMode, ipModes)]
      : []),
    ...(hostname === '' ? [] : checked(`${field}[${i}].hostname`, hostname, checkDnsSubdomain)),
    ...(isIpv4(hostname) || isIpv6(hostname)
      ? [fieldInvalid(`${field}[${i}].hostname`, hostname, 'must be a DNS name, not an IP address')]
      : []),
  ])
}

const checkOutsideIp: NameCheck = (ip) => (checkIp(ip).length > 0 ? checkIp(ip) : checkNonSpecialIp(ip))

const ipModes = ['Proxy', 'VIP']

/** What the server gave a Service stays with it when an update does not mention it: clients apply what they wrote, not what they got. */
export function keepAllocated(next: ServiceSpec, previous: ServiceSpec): void {
  followClusterIp(next, previous)
  dropUnusable(next, previous)
  if (needsClusterIp(next) && needsClusterIp(previous)) {
    if (next.clusterIP === undefined || next.clusterIP === '') {
      if (previous.clusterIP !== undefined) next.clusterIP = previous.clusterIP
      if (previous.clusterIPs !== undefined) next.clusterIPs = [...previous.clusterIPs]
    }
  }
  if (
    needsHealthCheck(next) &&
    needsHealthCheck(previous) &&
    (next.healthCheckNodePort ?? 0) === 0 &&
    previous.healthCheckNodePort !== undefined
  )
    next.healthCheckNodePort = previous.healthCheckNodePort
  if (!needsNodePort(next) || !needsNodePort(previous)) return
  const used = new Set((next.ports ?? []).map(({ nodePort }) => nodePort))
  for (const port of next.ports ?? []) {
    if (port.nodePort !== undefined && port.nodePort !== 0) continue
    const before = previous.ports?.find(({ protocol, port: number }) => protocol === port.protocol && number === port.port)
    if (before?.nodePort === undefined || used.has(before.nodePort)) continue
    port.nodePort = before.nodePort
    used.add(before.nodePort)
  }
}

/** Who changes the older field alone means the list as well. */
function followClusterIp(next: ServiceSpec, previous: ServiceSpec): void {
  const { clusterIP = '', clusterIPs = [] } = next
  if (clusterIP === (previous.clusterIP ?? '') || !isSameJson(clusterIPs, previous.clusterIPs ?? [])) return
  if (clusterIP === '') delete next.clusterIPs
  else next.clusterIPs = [clusterIP, ...clusterIPs.slice(1)]
}

export const validateServiceUpdate = (next: ServiceSpec, previous: ServiceSpec): FieldError[] => [
  ...(next.type === 'LoadBalancer' && previous.type === 'LoadBalancer' && next.loadBalancerClass !== previous.loadBalancerClass
    ? [immutable('spec.loadBalancerClass', next.loadBalancerClass ?? null)]
    : []),
  ...validateSameClusterIp(next, previous),
  ...(needsHealthCheck(next) &&
  needsHealthCheck(previous) &&
  (previous.healthCheckNodePort ?? 0) !== 0 &&
  next.healthCheckNodePort !== previous.healthCheckNodePort
    ? [fieldForbidden('spec.healthCheckNodePort', 'field is immutable')]
    : []),
]

function validateSameClusterIp(next: ServiceSpec, previous: ServiceSpec): FieldError[] {
  const { clusterIP: before = '' } = previous
  const { clusterIP: after = '' } = next
  if (!needsClusterIp(next) || !needsClusterIp(previous) || before === '' || before === after) return []
  return [fieldInvalid('spec.clusterIPs[0]', [after], 'may not change once set')]
}

const needsClusterIp = ({ type }: ServiceSpec) => type !== 'ExternalName'
const needsNodePort = ({ type }: ServiceSpec) => type === 'NodePort' || type === 'LoadBalancer'

/** A change of the type leaves behind what the new one cannot have, unless the update itself asked for it. */
function dropUnusable(next: ServiceSpec, previous: ServiceSpec): void {
  if (needsClusterIp(previous) && !needsClusterIp(next) && next.clusterIP === previous.clusterIP) {
    delete next.clusterIP
    delete next.clusterIPs
    if (isSameJson(next.ipFamilies, previous.ipFamilies)) delete next.ipFamilies
    if (next.ipFamilyPolicy === previous.ipFamilyPolicy) delete next.ipFamilyPolicy
  }
  if (previous.type === 'LoadBalancer' && next.type !== 'LoadBalancer') {
    if (next.allocateLoadBalancerNodePorts === previous.allocateLoadBalancerNodePorts) delete next.allocateLoadBalancerNodePorts
    if (next.loadBalancerClass === previous.loadBalancerClass) delete next.loadBalancerClass
  }
  if (isExternal(previous) && !isExternal(next) && next.externalTrafficPolicy === previous.externalTrafficPolicy)
    delete next.externalTrafficPolicy
  if (needsHealthCheck(previous) && !needsHealthCheck(next) && next.healthCheckNodePort === previous.healthCheckNodePort)
    delete next.healthCheckNodePort
  if (!needsNodePort(previous) || needsNodePort(next)) return
  for (const port of next.ports ?? []) {
    const before = previous.ports?.find(({ protocol, port: number }) => protocol === port.protocol && number === port.port)
    if (before?.nodePort === port.nodePort) delete port.nodePort
  }
}

function validateServicePort(
  { name = '', port, targetPort, nodePort = 0, appProtocol }: ServicePort,
  field: string,
  { needsName, type }: { readonly needsName: boolean; readonly type: ServiceSpec['type'] },
): FieldError[] {
  return [
    ...(name === '' ? (needsName ? [fieldRequired(`${field}.name`)] : []) : checked(`${field}.name`, name, checkDnsLabel)),
    ...checkPortNumber(port).map((complaint) => fieldInvalid(`${field}.port`, port, complaint)),
    ...(targetPort === undefined ? [] : validatePort(targetPort, `${field}.targetPort`)),
    ...(appProtocol === undefined ? [] : checked(`${field}.appProtocol`, appProtocol, checkQualifiedName)),
    ...(type === 'LoadBalancer' && port === kubeletPort
      ? [fieldInvalid(field, port, `may not expose port ${kubeletPort} externally since it is used by kubelet`)]
      : []),
    ...validateNodePort(nodePort, `${field}.nodePort`, type),
  ]
}

const kubeletPort = 10_250

/** The range of node ports is a setting of the hub, checked where they are given out. */
const validateNodePort = (nodePort: number, field: string, type: ServiceSpec['type']): FieldError[] =>
  nodePort !== 0 && (type === 'ClusterIP' || type === 'ExternalName')
    ? [fieldForbidden(field, `may not be used when \`type\` is '${type}'`)]
    : []

/** What of a Service does nothing, as Kubernetes warns of it. */
export function serviceWarnings({ type, clusterIP, externalIPs = [], loadBalancerIP = '', sessionAffinity }: ServiceSpec): string[] {
  const isHeadless = clusterIP === 'None'
  return [
    ...(isHeadless && loadBalancerIP !== '' ? ['spec.loadBalancerIP is ignored when spec.clusterIP is "None"'] : []),
    ...(isHeadless && externalIPs.length > 0 ? ['spec.externalIPs is ignored when spec.clusterIP is "None"'] : []),
    ...(isHeadless && sessionAffinity === 'ClientIP' ? ['spec.SessionAffinity is ignored when spec.clusterIP is "None"'] : []),
    ...(type === 'ExternalName' && externalIPs.length > 0 ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : []),
  ]
}
