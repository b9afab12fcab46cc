import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { checkCidr, isWithin } from '../../meta/ip.ts'
import type { LabelSelector } from '../../meta/label-selector.ts'
import { checkPortName, checkPortNumber } from '../../meta/names.ts'
import type { IPBlock, NetworkPolicyPeer, NetworkPolicyPort } from '../../types/network-policy-peer.ts'
import { checked } from './field-errors.ts'
import { validateLabelSelector } from './scheduling.ts'

type Rule = {
  readonly ports?: readonly NetworkPolicyPort[]
  readonly from?: readonly NetworkPolicyPeer[]
  readonly to?: readonly NetworkPolicyPeer[]
}
type Spec = {
  readonly podSelector?: LabelSelector
  readonly ingress?: readonly Rule[]
  readonly egress?: readonly Rule[]
  readonly policyTypes?: readonly string[]
}

export const validateNetworkPolicy = (spec: Spec, field: string): FieldError[] => [
  ...validateLabelSelector(spec.podSelector, `${field}.podSelector`),
  ...(spec.ingress ?? []).flatMap((rule, i) => validateRule(rule, `${field}.ingress[${i}]`, 'from')),
  ...(spec.egress ?? []).flatMap((rule, i) => validateRule(rule, `${field}.egress[${i}]`, 'to')),
  ...validateTypes(spec.policyTypes ?? [], `${field}.policyTypes`),
]

function validateTypes(types: readonly string[], field: string): FieldError[] {
  if (types.length > 2) return [fieldInvalid(field, types, 'may not specify more than two policyTypes')]
  const known = ['Egress', 'Ingress']
  return types.flatMap((type, i) => (known.includes(type) ? [] : [fieldNotSupported(`${field}[${i}]`, type, known)]))
}

const validateRule = (rule: Rule, field: string, peers: 'from' | 'to'): FieldError[] => [
  ...(rule.ports ?? []).flatMap((port, i) => validatePort(port, `${field}.ports[${i}]`)),
  ...(rule[peers] ?? []).flatMap((peer, i) => validatePeer(peer, `${field}.${peers}[${i}]`)),
]

function validatePort({ protocol = 'TCP', port, endPort }: NetworkPolicyPort, field: string): FieldError[] {
  const protocols = ['SCTP', 'TCP', 'UDP']
  const last = `${field}.endPort`
  const refuseLast = (why: string) => (endPort === undefined ? [] : [fieldInvalid(last, endPort, why)])
  return [
    ...(protocols.includes(protocol) ? [] : [fieldNotSupported(`${field}.protocol`, protocol, protocols)]),
    ...(port === undefined ? refuseLast('may not be specified when `port` is not specified') : []),
    ...(typeof port === 'string'
      ? [...refuseLast('may not be specified when `port` is non-numeric'), ...checked(`${field}.port`, port, checkPortName)]
      : []),
    ...(typeof port === 'number'
      ? [
          ...checkPortNumber(port).map((why) => fieldInvalid(`${field}.port`, port, why)),
          ...(endPort !== undefined && endPort < port ? [fieldInvalid(last, endPort, 'must be greater than or equal to `port`')] : []),
          ...(endPort === undefined ? [] : checkPortNumber(endPort).map((why) => fieldInvalid(last, endPort, why))),
        ]
      : []),
  ]
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, field: string): FieldError[] {
  const selectors = [podSelector, namespaceSelector].filter((selector) => selector !== undefined)
  return [
    ...validateLabelSelector(podSelector, `${field}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`),
    ...(ipBlock === undefined ? [] : validateBlock(ipBlock, `${field}.ipBlock`)),
    ...(selectors.length === 0 && ipBlock === undefined ? [fieldRequired(field, 'must specify a peer')] : []),
    ...(selectors.length > 0 && ipBlock !== undefined ? [fieldForbidden(field, 'may not specify both ipBlock and another peer')] : []),
  ]
}

function validateBlock({ cidr, except = [] }: IPBlock, field: string): FieldError[] {
  if (cidr === '') return [fieldRequired(`${field}.cidr`)]
  const errors = checked(`${field}.cidr`, cidr, checkCidr)
  if (errors.length > 0) return errors
  return except.flatMap((inner, i) => {
    const at = `${field}.except[${i}]`
    const wrong = checked(at, inner, checkCidr)
    if (wrong.length > 0) return wrong
    return isWithin(cidr, inner) ? [] : [fieldInvalid(at, inner, 'must be a strict subset of `cidr`')]
  })
}
