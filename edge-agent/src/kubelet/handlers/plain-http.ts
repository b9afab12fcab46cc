import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export type HttpAnswer = { readonly status: number; readonly location: string | undefined; readonly body: string }

export type HttpAsk = {
  readonly url: URL
  /** Where its host is. */
  readonly address?: string
  /** In the order in which they are sent; a name may come again. */
  readonly headers: readonly (readonly [string, string])[]
  readonly signal: AbortSignal
}

// As the kubelet: a page is read only so far.
const maxBodyBytes = 10 * 1024
// Go's client reads so much of a head, so many hints before the answer and so long a line before a chunk. The answer comes from a
// container, which may send anything for as long as the probe waits.
const maxAnswerBytes = 1024 * 1024
const maxHints = 5
const maxChunkLineBytes = 4096

/**
 * One GET over a connection of its own, read as Go's client reads it and a little kinder. Device servers end lines with LF alone, name no
 * reason, send headers that are none and hang up early; Node's parser refuses what the kubelet takes. Throws what the socket threw, or
 * what is not HTTP at all.
 */
export function httpGetPlainly({ url, address, headers, signal }: HttpAsk): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const name = url.hostname.replace(/^\[|\]$/g, '')
    const host = address ?? name
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
    // A probe asks whether somebody answers, not who it is.
    const socket: Socket =
      url.protocol === 'https:'
        ? connectTls({ host, port, rejectUnauthorized: false, ...(isIP(name) === 0 && { servername: name }) })
        : connect({ host, port })
    let store = Buffer.alloc(4096)
    let bytes = store.subarray(0, 0)
    const read: Read = { start: 0, looked: 0, hints: 0, head: undefined, chunks: undefined }
    /** The store doubles: an answer in small pieces is not copied anew with each of them. */
    const add = (chunk: Buffer) => {
      const length = bytes.length + chunk.length
      if (length > store.length) {
        store = Buffer.alloc(Math.max(2 * store.length, length))
        bytes.copy(store)
      }
      chunk.copy(store, bytes.length)
      bytes = store.subarray(0, length)
    }
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      settle()
    }
    const onAbort = () => end(() => reject(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
    const look = (isOver: boolean) => {
      try {
        const answer = answerIn({ bytes, read, isOver })
        if (answer !== undefined) return end(() => resolve(answer))
        if (bytes.length > maxAnswerBytes) throw new Error('net/http: server response headers exceeded 1048576 bytes; aborted')
      } catch (error) {
        end(() => reject(error))
      }
    }
    socket.on('data', (chunk: Buffer) => {
      add(chunk)
      look(false)
    })
    socket.on('end', () => look(true))
    socket.on('error', (error) => {
      // A server that hangs up hard after its answer has answered.
      if (bytes.length > 0) look(true)
      end(() => reject(error))
    })
    socket.on('close', () => end(() => reject(new Error('EOF'))))
    socket.on(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => socket.write(requestOf(url, headers)))
  })
}

function requestOf(url: URL, headers: HttpAsk['headers']): string {
  const host = headers.findLast(([name]) => name.toLowerCase() === 'host')?.[1] ?? url.host
  const lines = headers
    .filter(([name]) => name.toLowerCase() !== 'host')
    .map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}`)
  return [`GET ${url.pathname}${url.search} HTTP/1.1`, `Host: ${host}`, ...lines, '', ''].join('\r\n')
}

/** The answer, as soon as what is here suffices; undefined while more must come. Throws for what is no answer. */
function answerIn({
  bytes,
  read,
  isOver,
}: {
  readonly bytes: Buffer
  readonly read: Read
  readonly isOver: boolean
}): HttpAnswer | undefined {
  read.head ??= headIn(bytes, read, isOver)
  if (read.head === undefined) return undefined
  const { status, headers, end } = read.head
  const body = bytes.subarray(end)
  const isChunked = headers.get('transfer-encoding')?.toLowerCase().includes('chunked') === true
  const content = isChunked
    ? chunksIn(body, (read.chunks ??= { at: 0, body: Buffer.alloc(0) }))
    : plainIn(body, headers.get('content-length'))
  const isEmpty = status === 204 || status === 304
  if (!isOver && !isEmpty && !content.isWhole && content.body.length < maxBodyBytes) return undefined
  return { status, location: headers.get('location'), body: isEmpty ? '' : content.body.subarray(0, maxBodyBytes).toString() }
}

type Head = { readonly status: number; readonly headers: ReadonlyMap<string, string>; readonly end: number }

/** How far an answer has been read: one that comes in small pieces is not read from its beginning with each of them. */
type Read = {
  /** Where the head that is looked for begins: after the hints. */
  start: number
  /** No head ends before this. */
  looked: number
  hints: number
  head: Head | undefined
  /** What the chunks before `at` of the body held. */
  chunks: { at: number; body: Buffer } | undefined
}

/** The head of the answer proper; continue and early hints come before it. */
function headIn(bytes: Buffer, read: Read, isOver: boolean): Head | undefined {
  for (;;) {
    const found = linesIn(bytes, read)
    if (found === undefined && !isOver) return undefined
    if (read.start === bytes.length) throw new Error(read.start === 0 ? 'EOF' : 'unexpected EOF')
    const { text, end } = found ?? { text: bytes.toString('latin1', read.start), end: bytes.length }
    const [statusLine = '', ...lines] = text.split('\n').map((line) => line.replace(/\r$/, ''))
    const [, digits] = /^HTTP\/\d\.\d +(\d{3})(?: |$)/.exec(statusLine) ?? []
    if (digits === undefined) throw new Error(`malformed HTTP response ${JSON.stringify(statusLine.slice(0, 200))}`)
    const status = Number(digits)
    if (status >= 200 || status === 101) return { status, headers: headersOf(lines), end }
    read.hints += 1
    if (read.hints > maxHints) throw new Error('net/http: too many 1xx informational responses')
    read.start = read.looked = end
  }
}

/** Up to the empty line, whichever way lines end. */
function linesIn(bytes: Buffer, read: Read): { readonly text: string; readonly end: number } | undefined {
  for (let at = bytes.indexOf(0x0a, read.looked); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    const next = bytes[at + 1] === 0x0d ? at + 2 : at + 1
    if (bytes[next] === 0x0a) return { text: bytes.toString('latin1', read.start, at), end: next + 1 }
    // At the end of what is here the second line end may still come.
    if (next < bytes.length) read.looked = next
  }
  return undefined
}

/** By lower-case name, the first of each; lines that are no headers are left out. */
function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = /^([^:]+):(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    const key = name.trim().toLowerCase()
    if (!headers.has(key)) headers.set(key, value.trim())
  }
  return headers
}

type Content = { readonly body: Buffer; readonly isWhole: boolean }

function plainIn(body: Buffer, length: string | undefined): Content {
  if (length === undefined || !/^\d+$/.test(length)) return { body, isWhole: false }
  return { body: body.subarray(0, Number(length)), isWhole: body.length >= Number(length) }
}

/** What follows a line that is no chunk's beginning cannot be read by anybody: the answer ends there. Chunks that are whole are read once. */
function chunksIn(bytes: Buffer, whole: { at: number; body: Buffer }): Content {
  for (;;) {
    const { at } = whole
    const lineEnd = bytes.indexOf(0x0a, at)
    const line = bytes.toString('latin1', at, lineEnd < 0 ? Math.min(bytes.length, at + maxChunkLineBytes) : lineEnd)
    const [, digits] = /^[ \t]*([0-9a-fA-F]+)[ \t\r]*(?:;|$)/.exec(line) ?? []
    if (lineEnd < 0 && line.length < maxChunkLineBytes) return { body: whole.body, isWhole: false }
    const size = digits === undefined ? 0 : Number.parseInt(digits, 16)
    if (lineEnd < 0 || size === 0) return { body: whole.body, isWhole: true }
    const start = lineEnd + 1
    const body = Buffer.concat([whole.body, bytes.subarray(start, Math.min(start + size, start + maxBodyBytes))])
    let end = start + size
    // The line end after the data.
    if (bytes[end] === 0x0d) end += 1
    if (bytes[end] === 0x0a) end += 1
    if (body.length >= maxBodyBytes || end >= bytes.length) return { body, isWhole: false }
    whole.at = end
    whole.body = body
  }
}
