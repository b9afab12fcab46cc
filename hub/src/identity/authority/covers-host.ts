import { isIP, SocketAddress } from 'node:net'

/** Whether a certificate for a name serves under a host as well (RFC 6125 6.4): an asterisk stands for the first label, and an address has several spellings. */
export function coversHost(name: string, host: string): boolean {
  const [asked, served] = [spelled(name), spelled(host)]
  if (asked === served) return true
  return asked.startsWith('*.') && isIP(served) === 0 && served.includes('.') && served.slice(served.indexOf('.')) === asked.slice(1)
}

function spelled(host: string): string {
  const version = isIP(host)
  if (version !== 0)
    return new SocketAddress({ address: host, family: version === 6 ? 'ipv6' : 'ipv4' }).address.replace(/^::ffff:(?=[\d.]+$)/, '')
  return host.toLowerCase().replace(/\.$/, '')
}
