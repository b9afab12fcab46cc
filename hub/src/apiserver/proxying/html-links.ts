import { finished } from 'node:stream/promises'
import { SAXParser } from 'parse5-sax-parser'

/** Attributes that are URLs, by the element they stand on (HTML Living Standard, "Attributes"; as Kubernetes' proxy). */
const urls: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['formaction', 'src', 'usemap'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
}

/** The page with each link as `change` has it, and all else the same, byte for byte and whatever its encoding. */
export async function changeLinks(page: Uint8Array, change: (link: string) => string): Promise<Buffer> {
  // One character a byte keeps any encoding whole of which ASCII is a part, and links and elements are of that.
  const text = Buffer.from(page.buffer, page.byteOffset, page.byteLength).toString('latin1')
  const parts: string[] = []
  let at = 0
  const parser = new SAXParser({ sourceCodeLocationInfo: true })
  parser.on('startTag', ({ tagName, sourceCodeLocation }) => {
    const { attrs: attributes = {} } = (sourceCodeLocation ?? {}) as Where // of a start tag, which its types leave out
    const places = (Object.hasOwn(urls, tagName) ? (urls[tagName] ?? []) : [])
      .flatMap((name) => (Object.hasOwn(attributes, name) ? [attributes[name]] : []))
      .filter((place) => place !== undefined)
      .toSorted((a, b) => a.startOffset - b.startOffset)
    for (const { startOffset, endOffset } of places) {
      const attribute = text.slice(startOffset, endOffset)
      parts.push(
        text.slice(at, startOffset),
        attribute.replace(written, (_, before: string, link: string) => before + change(link)),
      )
      at = endOffset
    }
  })
  parser.end(text)
  await finished(parser)
  return Buffer.from([...parts, text.slice(at)].join(''), 'latin1')
}

type Where = { readonly attrs?: Readonly<Record<string, { readonly startOffset: number; readonly endOffset: number }>> }

const written = /^([^=]*=\s*["']?)([^"']*)/
