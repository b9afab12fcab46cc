/** `bytes`: what its base64 stands for. */
export type PemBlock = { readonly type: string; readonly bytes: Buffer; readonly hasHeaders: boolean }

const dashes = '-----'
const begin = '-----BEGIN '
const end = '-----END '
const base64Line = /^[\d+/A-Za-z]*={0,2}$/

/**
 * The blocks of a text, one after the other (RFC 7468, RFC 1421 for headers), as Go's `encoding/pem` finds them, which is how Kubernetes and its
 * clients do: what stands around them is nobody's business, and what has a good beginning and no good end is no block. Each line is looked at once.
 */
export function* pemBlocks(text: string): Generator<PemBlock> {
  let open: { readonly type: string; hasHeaders: boolean; readonly lines: string[] } | undefined
  for (const raw of linesOf(text)) {
    const line = raw.trimEnd()
    if (line.startsWith(begin) && line.endsWith(dashes) && line.length >= begin.length + dashes.length) {
      open = { type: line.slice(begin.length, -dashes.length), hasHeaders: false, lines: [] }
      continue
    }
    if (open === undefined) continue
    const { type, lines } = open
    if (line.startsWith(end)) {
      const bytes = line === `${end}${type}${dashes}` ? bytesOf(lines.join('')) : undefined
      if (bytes !== undefined) yield { type, bytes, hasHeaders: open.hasHeaders }
      open = undefined
      continue
    }
    const base64 = line.replaceAll(/[\t ]/g, '')
    if (lines.length === 0 && line.includes(':')) open.hasHeaders = true
    else if (base64Line.test(base64)) lines.push(base64)
    else open = undefined
  }
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start <= text.length;) {
    const feed = text.indexOf('\n', start)
    const stop = feed === -1 ? text.length : feed
    yield text.slice(start, stop)
    start = stop + 1
  }
}

/** Whole groups of four, and nothing after the padding. */
const bytesOf = (base64: string): Buffer | undefined =>
  base64.length % 4 === 0 && base64Line.test(base64) ? Buffer.from(base64, 'base64') : undefined
