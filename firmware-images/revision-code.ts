/** What the revision code in a Raspberry Pi's one-time programmable memory tells (documentation `revision-codes.adoc`). */
export type Revision = {
  readonly type: string
  readonly soc: string
  readonly memoryMi: number | undefined
  readonly maker: string
  /** The `4` of "Rev 1.4". */
  readonly minor: number
}

const memoriesMi = [256, 512, 1024, 2048, 4096, 8192, 16384] // 7 means: told elsewhere
const makers = ['Sony UK', 'Egoman', 'Embest', 'Sony Japan', 'Embest', 'Stadium']
const socs = ['bcm2835', 'bcm2836', 'bcm2837', 'bcm2711', 'bcm2712']
const types: Readonly<Record<number, string>> = {
  0x00: 'A', 0x01: 'B', 0x02: 'A+', 0x03: 'B+', 0x04: '2B', 0x05: 'Alpha', 0x06: 'CM1', 0x08: '3B', 0x09: 'Zero', 0x0a: 'CM3',
  0x0c: 'Zero W', 0x0d: '3B+', 0x0e: '3A+', 0x10: 'CM3+', 0x11: '4B', 0x12: 'Zero 2 W', 0x13: '400', 0x14: 'CM4', 0x15: 'CM4S',
  0x17: '5', 0x18: 'CM5', 0x19: '500', 0x1a: 'CM5 Lite', 0x1b: 'CM0',
} // prettier-ignore

/** Undefined for the codes before 2014 (bit 23 clear): those boards run no containers. Fields that are newer than this table read `unknown`. */
export function decodeRevision(code: number): Revision | undefined {
  const field = (at: number, bits: number) => (code >>> at) & ((1 << bits) - 1)
  if (field(23, 1) === 0) return undefined
  return {
    type: types[field(4, 8)] ?? 'unknown',
    soc: socs[field(12, 4)] ?? 'unknown',
    memoryMi: memoriesMi[field(20, 3)],
    maker: makers[field(16, 4)] ?? 'unknown',
    minor: field(0, 4),
  }
}
