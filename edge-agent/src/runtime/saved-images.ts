import { createHash } from 'node:crypto'
import { createReadStream, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import { importLayout } from './images.ts'

/** An image as the runtime lists it: all its names, and the digest of its configuration. */
export type KnownImage = { readonly id: string; readonly names: readonly string[] }

/**
 * What images the runtime has, on a file beside its records: the records are the only place where a blob has a name, so that without
 * this note a damaged record would cost every image, on a board that may have no registry in reach.
 */
export function createImageNote(file: string) {
  let noted = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  return {
    /** Written only when it changed. */
    write(images: readonly KnownImage[]): void {
      const sorted = images.map(({ id, names }) => ({ id, names: names.toSorted() })).sort((a, b) => (a.id < b.id ? -1 : 1))
      const text = `${JSON.stringify(sorted)}\n`
      if (text === noted) return
      writeFileAtomic(file, text)
      noted = text
    },
    read(): readonly KnownImage[] {
      try {
        return JSON.parse(noted ?? '[]') as readonly KnownImage[] // written by us
      } catch {
        return [] // torn: the images are pulled anew
      }
    },
  }
}

const blobsOf = (root: string) => join(root, 'io.containerd.content.v1.content', 'blobs', 'sha256')

/** Gives every blob of a runtime a second name below `saved`, on the same file system: it costs no room, and outlives the runtime's own clearing up. */
export function saveBlobs(root: string, saved: string): void {
  const [from, to] = [blobsOf(root), join(saved, 'blobs', 'sha256')]
  mkdirSync(to, { recursive: true })
  if (!existsSync(from)) return
  for (const name of readdirSync(from)) {
    const target = join(to, name)
    if (/^[0-9a-f]{64}$/.test(name) && !existsSync(target)) linkSync(join(from, name), target)
  }
}

/** Imports what was saved under its old names, and answers them. An image with a blob that is missing or damaged is left to be pulled. */
export async function restoreImages({
  socket,
  saved,
  images,
  signal,
}: {
  readonly socket: string
  readonly saved: string
  readonly images: readonly KnownImage[]
  readonly signal: AbortSignal
}): Promise<readonly string[]> {
  const folder = join(saved, 'blobs', 'sha256')
  const manifests = manifestsIn(folder)
  const restored: string[] = []
  for (const { id, names } of images) {
    const manifest = manifests.get(id)
    if (manifest === undefined || names.length === 0) continue
    const blobs = [manifest.digest, ...manifest.parts]
    if (!(await areWhole(folder, blobs))) continue
    writeFileSync(join(saved, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
    const { mediaType, digest, size } = manifest
    const named = names.map((name) => ({
      mediaType,
      digest,
      size,
      annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
    }))
    const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: named }
    writeFileSync(join(saved, 'index.json'), JSON.stringify(index))
    await importLayout(socket, { folder: saved, files: ['oci-layout', 'index.json', ...blobs.map(pathOf)], signal })
    restored.push(...names)
  }
  rmSync(saved, { recursive: true, force: true })
  return restored
}

type Manifest = { readonly mediaType: string; readonly digest: string; readonly size: number; readonly parts: readonly string[] }

// A manifest lists some dozen layers; what is larger is a layer itself.
const maxManifestBytes = 256 * 1024

/** The manifests among the blobs, by the digest of their configuration, which is what the runtime calls the image's id. */
function manifestsIn(folder: string): ReadonlyMap<string, Manifest> {
  const found = new Map<string, Manifest>()
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const { size } = statSync(path)
    if (size > maxManifestBytes) continue
    const bytes = readFileSync(path)
    if (bytes[0] !== 0x7b) continue // no JSON object
    const value = parsed(bytes)
    const config = value?.config?.digest
    if (config === undefined || !Array.isArray(value?.layers)) continue
    const mediaType = value.mediaType ?? 'application/vnd.oci.image.manifest.v1+json'
    found.set(config, { mediaType, digest: `sha256:${name}`, size, parts: [config, ...value.layers.map(({ digest }) => digest)] })
  }
  return found
}

type Written = {
  readonly mediaType?: string
  readonly config?: { readonly digest?: string }
  readonly layers?: readonly { readonly digest: string }[]
}
function parsed(bytes: Buffer): Written | undefined {
  try {
    return JSON.parse(bytes.toString()) as Written // every field is asked for before it is used, and every blob is checked by its digest
  } catch {
    return undefined
  }
}

async function areWhole(folder: string, digests: readonly string[]): Promise<boolean> {
  for (const digest of new Set(digests)) {
    const name = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1]
    const path = join(folder, name ?? 'none')
    if (name === undefined || !existsSync(path)) return false
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    if (hash.digest('hex') !== name) return false
  }
  return true
}

const pathOf = (digest: string) => `blobs/sha256/${digest.slice('sha256:'.length)}`
