import { readFile } from 'node:fs/promises'
import type { Resolver } from './sandbox-config.ts'

// systemd-resolved keeps the real servers here; the stub in /etc/resolv.conf answers on the machine's loopback only.
const files = ['/run/systemd/resolve/resolv.conf', '/etc/resolv.conf']

/** The node's own name servers, as a pod with a network of its own can reach them, or as one in the network of the host. */
export async function readNodeResolver({ isHostNetwork }: { readonly isHostNetwork: boolean }): Promise<Resolver> {
  if (isHostNetwork) return parseResolver(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''), { hasLoopback: true })
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text !== undefined) return parseResolver(text)
  }
  return parseResolver('')
}

/** resolv.conf(5). Servers on the loopback are left out unless the reader has the host's: a pod has its own. */
export function parseResolver(text: string, { hasLoopback = false }: { readonly hasLoopback?: boolean } = {}): Resolver {
  const nameservers: string[] = []
  let searches: string[] = []
  const options: string[] = []
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'nameserver' && values[0] !== undefined && (hasLoopback || !/^(127\.|::1$)/.test(values[0])))
      nameservers.push(values[0])
    if (keyword === 'search' || keyword === 'domain') searches = values
    if (keyword === 'options') options.push(...values)
  }
  return { nameservers, searches, options }
}
