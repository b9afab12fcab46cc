import { createHash } from 'node:crypto'

export type ArchiveFile = {
  readonly path: string
  readonly mode: number
  readonly data?: Uint8Array
  readonly linkTo?: string
  readonly directory?: boolean
  /** As only an image of bad intent has it. */
  readonly fifo?: boolean
}

export type OciImage = {
  /** Full reference, `docker.io/library/busybox:1.36`. */
  readonly name: string
  readonly architecture: 'amd64' | 'arm64' | 'arm'
  readonly variant?: string
  readonly files: readonly ArchiveFile[]
  readonly config: {
    readonly Entrypoint?: readonly string[]
    readonly Cmd?: readonly string[]
    readonly Env?: readonly string[]
    readonly WorkingDir?: string
    readonly User?: string
    readonly StopSignal?: string
  }
}

/** One single-layer image as an OCI archive (tar), the same bytes for the same input. OCI image-spec 1.0, image-layout. */
export function ociArchive({ name, architecture, variant, files, config }: OciImage): Buffer {
  const layer = tar(files)
  const platform = { architecture, os: 'linux', ...(variant !== undefined && { variant }) }
  const configBlob = json({
    ...platform,
    config,
    rootfs: { type: 'layers', diff_ids: [digest(layer)] },
    history: [{ created_by: 'bramble' }],
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', configBlob),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
  })
  const index = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...descriptor('application/vnd.oci.image.manifest.v1+json', manifest),
        platform,
        annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
      },
    ],
  })
  const blob = (data: Buffer): ArchiveFile => ({ path: `blobs/sha256/${digest(data).slice('sha256:'.length)}`, mode: 0o644, data })
  return tar([
    { path: 'oci-layout', mode: 0o644, data: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', mode: 0o644, data: index },
    blob(manifest),
    blob(configBlob),
    blob(layer),
  ])
}

const digest = (data: Uint8Array) => `sha256:${createHash('sha256').update(data).digest('hex')}`
const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const descriptor = (mediaType: string, data: Uint8Array) => ({ mediaType, digest: digest(data), size: data.length })

/** A ustar archive; names up to 100 bytes, no times, root-owned. */
export function tar(files: readonly ArchiveFile[]): Buffer {
  const blocks = files.flatMap(({ path, mode, data = new Uint8Array(), linkTo, directory, fifo }) => {
    const header = Buffer.alloc(512)
    const name = directory && !path.endsWith('/') ? `${path}/` : path
    if (Buffer.byteLength(name) > 100) throw new Error(`${name} is longer than the 100 bytes of a tar name`)
    header.write(name, 0)
    header.write(octal(mode, 7), 100)
    header.write(octal(0, 7), 108)
    header.write(octal(0, 7), 116)
    header.write(octal(data.length, 11), 124)
    header.write(octal(0, 11), 136)
    header.write(' '.repeat(8), 148)
    header.write(linkTo !== undefined ? '2' : directory ? '5' : fifo ? '6' : '0', 156)
    header.write(linkTo ?? '', 157)
    header.write('ustar\x0000', 257, 'latin1')
    header.write(
      `${octal(
        header.reduce((sum, byte) => sum + byte, 0),
        6,
      )}\0 `,
      148,
    )
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

const octal = (value: number, width: number) => value.toString(8).padStart(width, '0')
