import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { keyText } from '@bramble/shared/api/object-key.ts'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'

import type { Seal } from './seal.ts'

/** What stands in memory and in the tables for an object that a pod names: who it is, and the file that holds it. */
export type Stub = KubeObject & { readonly kept: { readonly file: string; readonly bytes: number } }

export const isStub = (object: KubeObject | undefined): object is Stub => object !== undefined && 'kept' in object

/** A pod can name hundreds of these, each of megabytes, and reads each once: they are never held all at once. */
export const namedResources: readonly string[] = ['configmaps', 'secrets']
export const isNamed = (resource: string): boolean => namedResources.includes(resource)
export const isSealed = (resource: string): boolean => resource === 'secrets'

export type NamedLimits = {
  /** Bytes of all of them on the card. */
  readonly maxBytes: number
  /** Bytes that are held in memory while the card cannot be written. */
  readonly maxHeldBytes: number
}

// A small card has 8 GB. The configuration of a hundred pods is a few MB; 128 MiB is what nobody has written by hand.
// What waits for a card to become writable is in memory meanwhile, of which the agent has 64 MiB for everything.
export const namedLimits: NamedLimits = { maxBytes: 128 * 1024 * 1024, maxHeldBytes: 12 * 1024 * 1024 }

/**
 * The values of ConfigMaps and Secrets: a file each, read when a volume or an environment is written. A file is on the card before
 * a stub names it, and goes after no stub does; what a power cut leaves between the two is swept.
 */
export class NamedValues {
  readonly #folder: string
  readonly #seal: Seal
  readonly #limits: NamedLimits
  /** Texts by file, of what the card has not taken yet. */
  readonly #held = new Map<string, string>()
  #heldBytes = 0
  #bytes = 0

  constructor(folder: string, seal: Seal, limits: NamedLimits = namedLimits) {
    this.#folder = folder
    this.#seal = seal
    this.#limits = limits
  }

  /** Why there is no room for so many bytes more, where `freed` ones go. */
  refusal(bytes: number, { freed = 0, isWritable }: { readonly freed?: number; readonly isWritable: boolean }): string | undefined {
    if (bytes === 0) return undefined
    const { maxBytes, maxHeldBytes } = this.#limits
    const has = (used: number, most: number, where: string) =>
      `it has ${mib(bytes)}, and ${mib(used)} of the ${mib(most)} for what pods name are in use ${where}`
    if (this.#bytes - freed + bytes > maxBytes) return has(this.#bytes - freed, maxBytes, 'on the disk')
    if (!isWritable && this.#heldBytes + bytes > maxHeldBytes)
      return has(this.#heldBytes, maxHeldBytes, 'in memory while the disk cannot be written')
    return undefined
  }

  /** Counts a value that is on the card from an earlier life; false when its file is not there. */
  adopt({ kept: { file, bytes } }: Stub, files: ReadonlySet<string>): boolean {
    if (!files.has(file)) return false
    this.#bytes += bytes
    return true
  }

  /** Takes a value into memory; `save` puts it on the card. */
  hold(object: KubeObject, text: string): Stub {
    const { apiVersion, kind, metadata } = object
    const { name, namespace, uid, resourceVersion } = metadata
    const kept = { file: randomBytes(16).toString('hex'), bytes: Buffer.byteLength(text) }
    this.#held.set(kept.file, text)
    this.#heldBytes += kept.bytes
    this.#bytes += kept.bytes
    return {
      apiVersion,
      kind,
      metadata: {
        name,
        ...(namespace !== undefined && { namespace }),
        ...(uid !== undefined && { uid }),
        ...(resourceVersion !== undefined && { resourceVersion }),
      },
      kept,
    }
  }

  /** Writes what is still in memory; throws what the card says. */
  save(resource: string, { metadata, kept: { file, bytes } }: Stub): void {
    const text = this.#held.get(file)
    if (text === undefined) return
    const place = `${resource}/${keyText(metadata)}`
    writeFileAtomic(join(this.#folder, file), isSealed(resource) ? this.#seal.seal(text, place) : text, 0o600)
    this.#held.delete(file)
    this.#heldBytes -= bytes
  }

  /** The whole object; throws when its file is not what was written. */
  read(resource: string, { metadata, kept: { file } }: Stub): KubeObject {
    const place = `${resource}/${keyText(metadata)}`
    const text = this.#held.get(file) ?? this.#text(resource, file, place)
    const object = JSON.parse(text) as KubeObject // we stored what the apiserver had checked
    const { uid, resourceVersion } = object.metadata
    if (uid !== metadata.uid || resourceVersion !== metadata.resourceVersion) throw new Error(`${file} is not the one of ${place}`)
    return object
  }

  #text(resource: string, file: string, place: string): string {
    const content = readFileSync(join(this.#folder, file))
    return isSealed(resource) ? this.#seal.open(content, place) : content.toString('utf8')
  }

  /** No stub in memory names it any more; its file goes when none in the tables does either. */
  release({ kept: { file, bytes } }: Stub): void {
    this.#bytes -= bytes
    if (this.#held.delete(file)) this.#heldBytes -= bytes
  }

  remove({ kept: { file } }: Stub): void {
    rmSync(join(this.#folder, file), { force: true })
  }

  files(): ReadonlySet<string> {
    try {
      return new Set(readdirSync(this.#folder))
    } catch {
      return new Set() // not made yet, or not to be read: what should be in it is fetched anew
    }
  }

  /** Removes what these stubs do not name. */
  sweep(stubs: readonly Stub[]): void {
    const named = new Set(stubs.map(({ kept }) => kept.file))
    for (const file of this.files()) if (!named.has(file)) rmSync(join(this.#folder, file), { force: true })
  }
}

const mib = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
