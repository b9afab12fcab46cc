import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export type RegistryImage = {
  /** `team/app:1` */
  readonly name: string
  /** An OCI archive, as `ociArchive` writes it. */
  readonly archive: Buffer
}
export type RegistryOptions = {
  readonly socketPath: string
  readonly images: readonly RegistryImage[]
  /** Who may pull; without it everybody may. */
  readonly credentials?: { readonly username: string; readonly password: string }
}

/** An OCI registry (distribution-spec, the part that pulls) on a unix socket, with basic authentication. */
export async function startRegistry({ socketPath, images, credentials }: RegistryOptions) {
  const blobs = new Map<string, { readonly data: Buffer; readonly type: string }>()
  const tags = new Map<string, string>()
  for (const { name, archive } of images) {
    for (const { path, data } of filesOf(archive)) {
      if (path.startsWith('blobs/sha256/')) blobs.set(digestOf(data), { data, type: typeOf(data) })
      if (path === 'index.json') tags.set(name, (JSON.parse(data.toString()) as { manifests: [{ digest: string }] }).manifests[0].digest)
    }
  }
  const wanted = credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
  const asked: { readonly path: string; readonly user: string }[] = []
  let isHeld = false
  const waiting = new Set<() => void>()

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { url = '', headers } = request
    const user = Buffer.from(headers.authorization?.replace('Basic ', '') ?? '', 'base64')
      .toString()
      .replace(/:.*/, '')
    asked.push({ path: url, user })
    if (wanted !== undefined && headers.authorization !== wanted)
      return response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
    const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? []
    const digest = kind === 'manifests' ? (tags.get(`${name}:${reference}`) ?? reference) : reference
    const found = blobs.get(digest)
    if (found === undefined) return response.writeHead(url === '/v2/' ? 200 : 404).end()
    if (isHeld) await new Promise<void>((resolve) => waiting.add(resolve))
    response.writeHead(200, { 'content-type': found.type, 'content-length': found.data.length, 'docker-content-digest': digest })
    response.end(request.method === 'HEAD' ? undefined : found.data)
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))

  const release = () => {
    isHeld = false
    for (const go of waiting) go()
    waiting.clear()
  }
  return {
    asked,
    /** From now on whoever asks waits, until `release`. */
    hold: () => void (isHeld = true),
    /** How many wait. */
    waiting: () => waiting.size,
    release,
    async [Symbol.asyncDispose]() {
      release()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const digestOf = (data: Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`

function typeOf(data: Buffer): string {
  if (data[0] !== '{'.charCodeAt(0)) return 'application/octet-stream'
  return (JSON.parse(data.toString()) as { mediaType?: string }).mediaType ?? 'application/octet-stream'
}

/** The files of a tar archive with short names. */
function* filesOf(archive: Buffer): Generator<{ readonly path: string; readonly data: Buffer }> {
  for (let at = 0; archive[at] !== undefined && archive[at] !== 0;) {
    const path = archive.toString('utf8', at, archive.indexOf(0, at))
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8)
    yield { path, data: archive.subarray(at + 512, at + 512 + size) }
    at += 512 + Math.ceil(size / 512) * 512
  }
}
