import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

export type AddressOfDeps = {
  /** Name servers in place of the node's own. */
  readonly servers?: readonly string[]
  readonly searches?: () => Promise<readonly string[]>
  readonly hostsFile?: string
}

/**
 * The address of a host that a pod names: by the node's hosts file, then by its name servers. The system's own call is not used for names
 * that pods choose: it takes one of the few threads of this process for as long as a name server likes, cannot be called off, and who
 * looks for the hub waits behind it. Throws when there is none, or the signal's reason.
 */
export async function addressOf(host: string, signal: AbortSignal, deps: AddressOfDeps = {}): Promise<string> {
  signal.throwIfAborted()
  if (isIP(host) !== 0) return host
  const name = host.toLowerCase().replace(/\.$/, '')
  if (name === 'localhost' || name.endsWith('.localhost')) return '127.0.0.1'
  const known = inHosts(await readFile(deps.hostsFile ?? '/etc/hosts', 'utf8').catch(() => ''), name)
  if (known !== undefined) return known
  const searches = host.endsWith('.') ? [] : await (deps.searches?.() ?? [])
  const below = searches.map((search) => `${name}.${search}`)
  const resolver = new Resolver()
  if (deps.servers) resolver.setServers(deps.servers)
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    // resolv.conf(5): a name with a dot is asked for as it stands first.
    for (const each of name.includes('.') ? [name, ...below] : [...below, name]) {
      for (const ask of [() => resolver.resolve4(each), () => resolver.resolve6(each)]) {
        const [found] = await ask().catch(() => [])
        signal.throwIfAborted()
        if (found !== undefined) return found
      }
    }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
  throw new Error(`lookup ${host}: no such host`)
}

function inHosts(text: string, name: string): string | undefined {
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (address !== undefined && names.some((each) => each.toLowerCase() === name)) return address
  }
  return undefined
}
