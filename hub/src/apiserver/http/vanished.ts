import { readFile } from 'node:fs/promises'
import { isIPv4, type Socket } from 'node:net'

const defaultLookMs = 10_000
/** Looks in a row at which the far end had answered nothing. */
const looksUntilGone = 3

/** The kernel's tables of connections: of IPv4, and of IPv6 with what came over IPv4 to a socket of both. */
const tables = ['/proc/net/tcp', '/proc/net/tcp6']

export type VanishedDeps = {
  /** Of all callers. */
  readonly sockets: ReadonlySet<Socket>
  /** At which they are served. */
  readonly port: number
  readonly lookMs?: number
  readonly read?: () => Promise<string>
}

/**
 * Ends connections whose far end has vanished without a word: what was sent to it, or asked of it, the kernel has sent again and again for half a minute, and
 * nothing was acknowledged. By itself the kernel goes on for a quarter of an hour, and so long a command would run for nobody. Who is there and only
 * reads nothing, as a program that is stopped, has its kernel's answer. Called off by what is answered.
 */
export function endVanished({ sockets, port, lookMs = defaultLookMs, read = readTables }: VanishedDeps): () => void {
  const isGone = createVanishing()
  let isLooking = false
  const look = async (): Promise<void> => {
    if (isLooking || sockets.size === 0) return
    isLooking = true
    try {
      const gone = isGone(unansweredIn(await read(), port))
      for (const socket of sockets) if (gone.has(farEndOf(socket))) socket.destroy()
    } finally {
      isLooking = false
    }
  }
  const looking = setInterval(() => void look(), lookMs)
  return () => clearInterval(looking)
}

/** Told at each look how often the kernel has sent the same to each far end; answers those that are gone. An answer sets the kernel's count to 0. */
function createVanishing(): (unanswered: ReadonlyMap<string, number>) => ReadonlySet<string> {
  let seen = new Map<string, { readonly count: number; readonly looks: number }>()
  return (unanswered) => {
    const now = new Map<string, { readonly count: number; readonly looks: number }>()
    for (const [farEnd, count] of unanswered) {
      const before = seen.get(farEnd)
      now.set(farEnd, { count, looks: before !== undefined && count >= before.count ? before.looks + 1 : 0 })
    }
    seen = now
    return new Set([...now].filter(([, { looks }]) => looks >= looksUntilGone).map(([farEnd]) => farEnd))
  }
}

const readTables = async (): Promise<string> =>
  (await Promise.all(tables.map((path) => readFile(path, 'latin1').catch(() => '')))).join('\n') // not Linux, or without IPv6

/** By far end: retransmissions without an answer, or else probes (proc(5): `retrnsmt` in hexadecimal, and `timeout` behind the user's number). */
function unansweredIn(table: string, port: number): ReadonlyMap<string, number> {
  const line = new RegExp(
    `^ *\\d+: [0-9A-F]+:${hex(port)} ([0-9A-F]+:[0-9A-F]{4}) [0-9A-F]{2} \\S+ \\S+ ([0-9A-F]{8}) +\\d+ +(\\d+) `,
    'gm',
  )
  const unanswered = new Map<string, number>()
  for (const [, farEnd = '', retransmissions = '', probes = ''] of table.matchAll(line)) {
    const count = Number.parseInt(retransmissions, 16) + Number(probes)
    if (count > 0) unanswered.set(farEnd, count)
  }
  return unanswered
}

/** As the kernel writes it: words of 32 bits in the machine's order, which is the little end first on all that we run on. */
export function farEndOf({ remoteAddress = '', remotePort = 0 }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  const address = remoteAddress.replace(/%.*$/, '')
  const bytes = isIPv4(address) ? address.split('.').map(Number) : bytesOfIPv6(address)
  const words = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.slice(4 * at, 4 * at + 4).toReversed())
  return `${words
    .flat()
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .join('')}:${hex(remotePort)}`
}

function bytesOfIPv6(address: string): readonly number[] {
  const v4 = /[\d.]+$/.exec(address)?.[0] ?? ''
  const last = isIPv4(v4) ? v4.split('.').map(Number) : []
  const text = last.length > 0 ? address.slice(0, -v4.length) : address
  const [head = '', tail] = text.split('::')
  const groups = (part: string) => part.split(':').filter((group) => group !== '')
  const bytes = (part: string) => groups(part).flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
  const [before, after] = [bytes(head), [...bytes(tail ?? ''), ...last]]
  return [...before, ...Array<number>(Math.max(0, 16 - before.length - after.length)).fill(0), ...after]
}

const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
