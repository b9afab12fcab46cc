import type { Exec } from './nft.ts'
import type { ServicePort } from './service-ports.ts'

/** Known UDP "connections" to forget: to an address (or a port of this node) whose way has changed. */
export type StaleFlow = { readonly originalAddress?: string; readonly originalPort: number; readonly endpointAddress?: string }

/**
 * UDP has no end, so a client that keeps sending from one port would follow its old endpoint for ever: flows to endpoints
 * that left are forgotten, and so are those that began when there was none. TCP ends by itself.
 */
export function staleFlows(before: readonly ServicePort[], after: readonly ServicePort[]): readonly StaleFlow[] {
  const now = new Map(after.map((port) => [port.id, port]))
  return before
    .filter(({ protocol }) => protocol === 'UDP')
    .flatMap((old): StaleFlow[] => {
      const next = now.get(old.id)
      const ways = [
        ...[...old.clusterIPs, ...old.externalIPs].map((originalAddress) => ({ originalAddress, originalPort: old.port })),
        ...(old.nodePort === undefined ? [] : [{ originalPort: old.nodePort }]),
      ]
      if (old.endpoints.length === 0) return next !== undefined && next.endpoints.length > 0 ? ways : []
      const left = old.endpoints.filter(({ ip, port }) => !next?.endpoints.some((endpoint) => endpoint.ip === ip && endpoint.port === port))
      return left.flatMap(({ ip }) => ways.map((way) => ({ ...way, endpointAddress: ip })))
    })
}

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
      await exec('conntrack', args, { signal }) // exit code 1 means that nothing matched
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  }
  return true
}
