import { readFile } from 'node:fs/promises'
import { contains, parseCidr, parseIpv4 } from '@bramble/shared/meta/ip.ts'

/**
 * Whether this machine has a way to an address that is not its way to everything: then pods can be reached from here, else a packet
 * would go out to the Internet.
 */
export async function hasRouteTo(address: string, readTable = () => readFile('/proc/net/route', 'utf8')): Promise<boolean> {
  return isRouted(await readTable().catch(() => ''), address)
}

export function isRouted(table: string, address: string): boolean {
  const wanted = parseIpv4(address)
  if (wanted === undefined) return false
  return table.split('\n').some((line) => {
    const [, destination = '', , flags = '', , , , mask = ''] = line.split('\t')
    const bits = bitsOf(mask)
    if (bits === undefined || bits === 0 || (Number.parseInt(flags, 16) & (isUp | isRejected)) !== isUp) return false
    const cidr = parseCidr(`${dotted(destination)}/${bits}`)
    return cidr !== undefined && contains(cidr, wanted)
  })
}

const isUp = 0x1
const isRejected = 0x200

/** The kernel writes them as the machine has them in memory, which is backwards on all that we run on. */
const bytesOf = (hex: string): readonly number[] => (/^[0-9A-F]{8}$/i.test(hex) ? [...Buffer.from(hex, 'hex')].toReversed() : [])
const dotted = (hex: string): string => bytesOf(hex).join('.')
const bitsOf = (hex: string): number | undefined => {
  const bytes = bytesOf(hex)
  return bytes.length === 4 ? bytes.map((byte) => byte.toString(2).replaceAll('0', '').length).reduce((a, b) => a + b, 0) : undefined
}
