import { lookup } from 'node:dns/promises'
import { exec } from './exec.ts'

/** The address of ours that the kernel would use towards a host; undefined when there is no way there, or only the loopback. */
export async function ownAddressTowards(host: string): Promise<string | undefined> {
  try {
    const { address } = await lookup(host, { family: 4 })
    const source = await sourceFor(address)
    // A hub on this very machine says nothing about where others find us: the way out of here does.
    return source?.startsWith('127.') ? await sourceFor(anywhere) : source
  } catch {
    return undefined // no name service yet: the facts fall back to the interfaces
  }
}

// Never contacted; any public address tells the default route (RFC 5737 documentation range).
const anywhere = '192.0.2.1'

async function sourceFor(address: string): Promise<string | undefined> {
  const { code, stdout } = await exec('ip', ['-j', '-4', 'route', 'get', address])
  if (code !== 0) return undefined
  const [route] = JSON.parse(stdout) as readonly { readonly prefsrc?: string }[]
  return route?.prefsrc
}
