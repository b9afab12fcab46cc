/** An IPv4 address as a number. */
export const ipv4Number = (address: string): number => address.split('.').reduce((number, part) => number * 256 + Number(part), 0)

/** `contains('10.42.0.0/16', '10.42.1.7')`; the second may also be a CIDR, which must then lie inside. */
export function contains(cidr: string, inner: string): boolean {
  const [network = '', prefix = '32'] = cidr.split('/')
  const [address = '', innerPrefix = '32'] = inner.split('/')
  if (Number(innerPrefix) < Number(prefix)) return false
  const size = 2 ** (32 - Number(prefix))
  return Math.floor(ipv4Number(network) / size) === Math.floor(ipv4Number(address) / size)
}
