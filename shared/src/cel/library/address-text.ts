import { formatIpv4 } from '../../meta/ip.ts'

/** An address in its one canonical form (RFC 5952): of zeros the longest run is left out, the first of two. */
export function showAddress({ bits, value }: { readonly bits: 32 | 128; readonly value: bigint }): string {
  if (bits === 32) return formatIpv4(Number(value))
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(16 * (7 - index))) & 0xffffn).toString(16))
  let longest = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (groups[start + length] === '0') length++
    if (length > longest.length) longest = { start, length }
  }
  if (longest.start < 0) return groups.join(':')
  return `${groups.slice(0, longest.start).join(':')}::${groups.slice(longest.start + longest.length).join(':')}`
}
