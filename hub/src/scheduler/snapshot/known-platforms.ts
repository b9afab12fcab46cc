import type { Node } from '@bramble/shared/kinds/node.ts'
import { add } from './counts.ts'
import { architectureOf, canonicalImage, imagePlatformsAnnotation, parseImagePlatforms } from './image-platforms.ts'

/** What nodes have told about images: for which architectures each is built. Kept up with each node; a platform lasts as long as a node tells of it. */
export class KnownPlatforms {
  readonly #tellers = new Map<string, { readonly text: string; readonly told: readonly (readonly [string, string])[] }>()
  /** By image and architecture, how many have told so. */
  readonly #counts = new Map<string, Map<string, number>>()

  /** The architectures of an image; undefined when nobody has told of it. */
  of(image: string): ReadonlySet<string> | undefined {
    const counts = this.#counts.get(image)
    return counts === undefined ? undefined : new Set(counts.keys())
  }

  put({ metadata: { name, annotations } }: Node): void {
    const text = annotations?.[imagePlatformsAnnotation] ?? ''
    if (this.#tellers.get(name)?.text === text) return
    this.remove(name)
    if (text === '') return
    const told = Object.entries(parseImagePlatforms(text)).flatMap(([image, platforms]) =>
      platforms.map((platform) => [canonicalImage(image), architectureOf(platform)] as const),
    )
    this.#tellers.set(name, { text, told })
    for (const [image, architecture] of told) this.#count(image, architecture, 1)
  }

  remove(node: string): void {
    for (const [image, architecture] of this.#tellers.get(node)?.told ?? []) this.#count(image, architecture, -1)
    this.#tellers.delete(node)
  }

  #count(image: string, architecture: string, by: number): void {
    const counts = this.#counts.get(image) ?? new Map<string, number>()
    add(counts, architecture, by)
    if (counts.size > 0) this.#counts.set(image, counts)
    else this.#counts.delete(image)
  }
}
