import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import { isIpv6 } from '../../meta/ip.ts'
import { checkIp } from '../../meta/names.ts'
import type { PodStatus } from '../../types/pod-status.ts'
import { checked } from './field-errors.ts'

/** `podIP` is the first of `podIPs`; where they differ it is right, as older agents know of it alone. Changes the status in place. */
export function alignPodIps(status: PodStatus): void {
  const { podIP = '' } = status
  const first = status.podIPs?.[0]?.ip
  if (podIP === '' && first !== undefined) status.podIP = first
  if (podIP !== '' && podIP !== first) status.podIPs = [{ ip: podIP }]
}

/** Endpoints are made of what a node says here. */
export function validatePodAddresses(status: PodStatus | undefined): FieldError[] {
  const { podIPs = [], hostIP = '', hostIPs = [] } = status ?? {}
  return [
    ...podIPs.flatMap(({ ip }, i) => checked(`status.podIPs[${i}]`, ip, checkIp)),
    ...atMostOneOfEach('status.podIPs', podIPs),
    ...(hostIP === '' || hostIPs[0]?.ip === hostIP ? [] : checked('status.hostIP', hostIP, checkIp)),
    ...(hostIPs[0] !== undefined && hostIPs[0].ip !== hostIP
      ? [fieldInvalid('status.hostIPs[0].ip', hostIPs[0].ip, 'must be equal to `hostIP`')]
      : []),
    ...hostIPs.flatMap(({ ip }, i) => checked(`status.hostIPs[${i}].ip`, ip, checkIp)),
    ...atMostOneOfEach('status.hostIPs', hostIPs),
  ]
}

function atMostOneOfEach(field: string, ips: readonly { readonly ip: string }[]): FieldError[] {
  const v6 = ips.filter(({ ip }) => isIpv6(ip)).length
  return v6 > 1 || ips.length - v6 > 1 ? [fieldInvalid(field, ips, 'may specify no more than one IP for each IP family')] : []
}
