import type { Exec } from './nft.ts'
import type { LocalPod, ServicePort } from './service-ports.ts'

/** Known UDP "connections" to forget: to an address (or a port of this node) whose way has changed. */
export type StaleFlow = { readonly originalAddress?: string; readonly originalPort: number; readonly endpointAddress?: string }

/** What the rules serve: every way in to every endpoint. */
export type Served = { readonly ports: readonly ServicePort[]; readonly pods?: readonly LocalPod[] }

/**
 * UDP has no end, so a client that keeps sending from one port would follow its old way for ever. Looked at by way (an address and a
 * port, or a port of this node), whoever makes it: a way that has come, has gone or lets other clients in loses all its flows, also those
 * that began when nobody was there; one that stays loses those to endpoints that left. TCP ends by itself.
 */
export function staleFlows(before: Served, after: Served): readonly StaleFlow[] {
  const [old, now] = [waysOf(before), waysOf(after)]
  return [...new Map([...old, ...now]).keys()].flatMap((key): StaleFlow[] => {
    const [was, is] = [old.get(key), now.get(key)]
    const { flow } = (was ?? is) as Way // it is a key of one of them
    const [left, came] = [was?.endpoints ?? new Map<string, string>(), is?.endpoints ?? new Map<string, string>()]
    if (was === undefined || is === undefined || was.clients !== is.clients) return left.size + came.size === 0 ? [] : [flow]
    if (left.size === 0) return came.size === 0 ? [] : [flow]
    const gone = [...left].filter(([endpoint]) => !came.has(endpoint)).map(([, ip]) => ip)
    return [...new Set(gone)].map((endpointAddress) => ({ ...flow, endpointAddress }))
  })
}

/**
 * Of what an earlier life of the agent may have left, flows by ways with one endpoint: whatever led elsewhere comes to it, and what
 * led there does again. Where there are several a client would be sent to another one.
 */
export const flowsOfEarlierLife = (now: Served): readonly StaleFlow[] =>
  [...waysOf(now).values()].filter(({ endpoints }) => endpoints.size === 1).map(({ flow }) => flow)

type Way = {
  readonly flow: StaleFlow
  /** `ip:port` → ip */
  readonly endpoints: Map<string, string>
  /** Who may come in. */
  readonly clients: string
}

function waysOf({ ports, pods = [] }: Served): Map<string, Way> {
  const ways = new Map<string, Way>()
  const add = (address: string | undefined, port: number, endpoints: readonly Target[], clients = '') => {
    const key = `${address ?? ''}:${port}`
    const flow = { ...(address !== undefined && { originalAddress: address }), originalPort: port }
    const way = ways.get(key) ?? { flow, endpoints: new Map<string, string>(), clients }
    for (const { ip, port: number } of endpoints) way.endpoints.set(`${ip}:${number}`, ip)
    ways.set(key, way)
  }
  for (const port of ports.filter(({ protocol }) => protocol === 'UDP')) {
    const outside = port.externalLocal ? port.localEndpoints : port.endpoints
    const clients = port.sourceRanges?.join()
    for (const ip of port.clusterIPs) add(ip, port.port, port.internalLocal ? port.localEndpoints : port.endpoints)
    for (const ip of port.externalIPs) add(ip, port.port, outside)
    for (const ip of port.balancerIPs) add(ip, port.port, outside, clients)
    if (port.nodePort !== undefined) add(undefined, port.nodePort, outside, clients)
  }
  for (const { ip, hostPorts } of pods) {
    for (const { protocol, hostPort, containerPort, hostIP = '' } of hostPorts) {
      if (protocol !== 'UDP') continue
      add(hostIP === '' || hostIP === '0.0.0.0' ? undefined : hostIP, hostPort, ip === undefined ? [] : [{ ip, port: containerPort }])
    }
  }
  return ways
}

type Target = { readonly ip: string; readonly port: number }

/**
 * Forgets flows with the `conntrack` tool. Without it they end by the kernel's own timeout, 120 s after their last packet
 * (30 s for one that never got an answer): answers false then, so that it can be said once.
 */
export async function forgetFlows(flows: readonly StaleFlow[], exec: Exec, signal?: AbortSignal): Promise<boolean> {
  for (const { originalAddress, originalPort, endpointAddress } of flows) {
    const args = ['-D', '-p', 'udp', '--orig-port-dst', String(originalPort)]
    if (originalAddress !== undefined) args.push('--orig-dst', originalAddress)
    if (endpointAddress !== undefined) args.push('--dst-nat', endpointAddress)
    try {
      // It prints each flow it forgets; exit code 1 means that nothing matched.
      await exec('conntrack', args, { signal, ignoresStdout: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  }
  return true
}
