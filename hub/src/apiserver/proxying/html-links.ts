import { setImmediate as nextTurn } from 'node:timers/promises'
import { Tokenizer } from 'htmlparser2'

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

/** So much of a page is looked through in one turn of the loop. */
const bytesOfTurn = 64 * 1024

/**
 * The page with each link as `change` has it, and all else the same, byte for byte and whatever its encoding. In turns, and in time that grows with the page
 * alone: whoever is behind the proxy writes it.
 */
export async function changeLinks(page: Uint8Array, change: (link: string) => string): Promise<Buffer> {
  // One character a byte keeps any encoding whole of which ASCII is a part, and links and elements are of that.
  const text = Buffer.from(page.buffer, page.byteOffset, page.byteLength).toString('latin1')
  const parts: string[] = []
  let at = 0
  let wanted: readonly string[] = []
  let isUrl = false
  let from: number | undefined
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: false },
    {
      ...unheard,
      onopentagname(start, end) {
        const name = text.slice(start, end).toLowerCase()
        wanted = Object.hasOwn(urls, name) ? (urls[name] ?? []) : []
      },
      onattribname(start, end) {
        isUrl = wanted.length > 0 && wanted.includes(text.slice(start, end).toLowerCase())
        from = undefined
      },
      onattribdata(start) {
        from ??= start
      },
      onattribend(_quote, end) {
        if (!isUrl || from === undefined) return
        parts.push(text.slice(at, from), change(text.slice(from, end)))
        at = end
      },
    },
  )
  for (let start = 0; start < text.length; start += bytesOfTurn) {
    if (start > 0) await nextTurn()
    tokenizer.write(text.slice(start, start + bytesOfTurn))
  }
  tokenizer.end()
  return Buffer.from([...parts, text.slice(at)].join(''), 'latin1')
}

const nothing = () => {}
const unheard = {
  ...{ onattribentity: nothing, oncdata: nothing, onclosetag: nothing, oncomment: nothing, ondeclaration: nothing, onend: nothing },
  ...{ onopentagend: nothing, onprocessinginstruction: nothing, onselfclosingtag: nothing, ontext: nothing, ontextentity: nothing },
}
