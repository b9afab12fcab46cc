import type { Node } from '@bramble/shared/kinds/node.ts'
import { canonicalImage } from './image-platforms.ts'

/**
 * Which nodes hold an image, by its canonical name, and how many bytes of it. By image and not by node: for a pod its few images are looked up
 * once, and a look at each of hundreds of nodes is then one into a map that is at hand.
 */
export class KnownImages {
  readonly #holders = new Map<string, Map<string, number>>()
  readonly #told = new Map<string, ReadonlyMap<string, number>>()

  holdersOf(image: string): ReadonlyMap<string, number> | undefined {
    return this.#holders.get(image)
  }

  put(node: Node): void {
    const { name } = node.metadata
    const told = imagesOn(node)
    const before = this.#told.get(name)
    for (const image of before?.keys() ?? []) if (!told.has(image)) this.#drop(image, name)
    for (const [image, bytes] of told) {
      if (before?.get(image) === bytes) continue
      const holders = this.#holders.get(image)
      if (holders === undefined) this.#holders.set(image, new Map([[name, bytes]]))
      else holders.set(name, bytes)
    }
    if (told.size > 0) this.#told.set(name, told)
    else this.#told.delete(name)
  }

  remove(name: string): void {
    for (const image of this.#told.get(name)?.keys() ?? []) this.#drop(image, name)
    this.#told.delete(name)
  }

  #drop(image: string, name: string): void {
    const holders = this.#holders.get(image)
    holders?.delete(name)
    if (holders?.size === 0) this.#holders.delete(image)
  }
}

function imagesOn({ status }: Node): ReadonlyMap<string, number> {
  const images = new Map<string, number>()
  for (const { names = [], sizeBytes } of status?.images ?? [])
    for (const name of new Set(names.map(canonicalImage))) images.set(name, (images.get(name) ?? 0) + Number(sizeBytes ?? 0))
  return images
}
