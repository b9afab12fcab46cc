import { checkNonSpecialIp, formatCidr, isIpv4, parseCidr } from '@bramble/shared/meta/ip.ts'
import type { LocalPod, Protocol } from './local-pod.ts'

/** Hears of what was left out of the rules, as one sentence. */
export type Skip = (sentence: string) => void

/**
 * What may become a part of a rule. nft takes all of a transaction or nothing, so one text that it does not understand would hold up
 * the Services of the whole node; and an address that means this very machine would open its loopback to pods.
 */
export const isUsableAddress = (text: string): boolean => isIpv4(text) && checkNonSpecialIp(text).length === 0

export const isUsablePort = (port: number | null | undefined): port is number =>
  typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535

const protocols: readonly string[] = ['TCP', 'UDP', 'SCTP'] satisfies readonly Protocol[]
export const isUsableProtocol = (text: string): text is Protocol => protocols.includes(text)

/** The usable ones, each once. IPv6 is not served and no fault; anything else is told. */
export function usableAddresses(texts: readonly (string | undefined)[], what: string, skip: Skip): string[] {
  const given = [...new Set(texts.filter((text): text is string => text !== undefined && text !== ''))]
  return given.filter((text) => {
    if (isUsableAddress(text)) return true
    if (!text.includes(':')) skip(`${what} ${quoted(text)} is left out: it is no address to send anything to`)
    return false
  })
}

/** Networks of IPv4 as the rules want them. One that cannot be read lets nobody in. */
export function usableNetworks(texts: readonly string[], what: string, skip: Skip): string[] {
  const networks = texts.map((text) => text.trim()).filter((text) => text !== '')
  return [
    ...new Set(
      networks.flatMap((text) => {
        const cidr = parseCidr(text)
        if (cidr === undefined && !text.includes(':')) skip(`${what} ${quoted(text)} is left out: it is no network`)
        return cidr === undefined ? [] : [formatCidr(cidr)]
      }),
    ),
  ]
}

/** A pod of this node without what cannot be used of it. */
export function usableLocalPod(pod: LocalPod, skip: Skip): LocalPod {
  const { ip, hostPorts, ...rest } = pod
  if (ip !== undefined && !isUsableAddress(ip))
    skip(`the address ${quoted(ip)} of pod ${pod.uid} is left out: it is no address to send anything to`)
  return {
    ...rest,
    ...(ip !== undefined && isUsableAddress(ip) && { ip }),
    hostPorts: hostPorts.filter(({ protocol, hostPort, containerPort, hostIP = '' }) => {
      const isUsable = isUsableProtocol(protocol) && isUsablePort(hostPort) && isUsablePort(containerPort)
      // 0.0.0.0 is every address, and the machine's own loopback is a place to listen at.
      if (isUsable && (hostIP === '' || isIpv4(hostIP))) return true
      skip(
        `host port ${hostPort} of pod ${pod.uid} is left out: ${isUsable ? `its hostIP ${quoted(hostIP)} is no IPv4 address` : 'it is no port'}`,
      )
      return false
    }),
  }
}

const quoted = (text: string) => JSON.stringify(text.slice(0, 64))
