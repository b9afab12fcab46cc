import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'

/** What nodes tell about the images they hold: JSON `{"docker.io/library/busybox:1.0":["linux/arm64"]}`. */
export const imagePlatformsAnnotation = 'bramble.io/image-platforms'
/** Architectures beside its own that a node runs by emulation: `arm64,arm`. */
export const emulatedArchitecturesAnnotation = 'bramble.io/emulated-architectures'

/** `busybox` → `docker.io/library/busybox:latest`, the name under which the runtime knows the image. */
export function canonicalImage(image: string): string {
  const slash = image.indexOf('/')
  const first = slash < 0 ? '' : image.slice(0, slash)
  const isRegistry = /[.:]/.test(first) || first === 'localhost'
  const path = isRegistry ? image : `docker.io/${slash < 0 ? 'library/' : ''}${image}`
  const rest = path.slice(path.indexOf('/') + 1)
  return rest.includes('@') || rest.includes(':') ? path : `${path}:latest`
}

/** `linux/arm/v7` → `arm`, as in the label kubernetes.io/arch. */
export const architectureOf = (platform: string): string => platform.split('/')[1] ?? platform

/** A node that writes nonsense is a node that says nothing. */
export function parseImagePlatforms(text: string | undefined): Readonly<Record<string, readonly string[]>> {
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(
      Object.entries(value).filter(
        (entry): entry is [string, string[]] => Array.isArray(entry[1]) && entry[1].every((platform) => typeof platform === 'string'),
      ),
    )
  } catch {
    return {}
  }
}

export function runnableArchitectures({ metadata, status }: Node): ReadonlySet<string> {
  const native = metadata.labels?.['kubernetes.io/arch'] ?? status?.nodeInfo?.architecture
  const emulated = metadata.annotations?.[emulatedArchitecturesAnnotation]?.split(',') ?? []
  return new Set([native ?? '', ...emulated].map((architecture) => architecture.trim()).filter((architecture) => architecture !== ''))
}

export const imagesOf = ({ spec }: Pod): readonly string[] => [
  ...new Set(
    [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ image }) => (image === undefined || image === '' ? [] : [image])),
  ),
]
