import { keyTextOf } from '@bramble/shared/api/object-key.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'

const mib = 1024 * 1024

/**
 * What the lists of a node may take of its memory, of which all of the agent has 64 MiB: who works on an object holds earlier states of it too. A pod of everyday life takes 15 KiB, a Service
 * 2, a slice of a hundred endpoints 30, another node half of one.
 */
export const maxHeldBytes: Readonly<Record<string, number>> = { pods: 6 * mib, services: 4 * mib, endpointslices: 6 * mib, nodes: 2 * mib }

/**
 * The memory of one list that a node follows. What is held already keeps its place, so that nobody's new objects push out what runs; what
 * has no room is left out by its name, and costs none of the others.
 */
export class Holdings {
  readonly #max: number
  readonly #held = new Map<string, { readonly uid: string | undefined; readonly bytes: number }>()
  readonly #leftOut = new Map<string, number>()
  #bytes = 0

  constructor(max: number, held: readonly KubeObject[] = []) {
    this.#max = max
    for (const object of held) this.#put(object, bytesOf(object))
  }

  /** Whether there is room for it as it is now. */
  take(object: KubeObject): boolean {
    const key = keyTextOf(object)
    const bytes = bytesOf(object)
    if (this.#bytes - (this.#held.get(key)?.bytes ?? 0) + bytes > this.#max) {
      if (!this.has(object)) this.drop(key)
      this.#leftOut.set(key, bytes)
      return false
    }
    this.#put(object, bytes)
    return true
  }

  /** Whether an earlier state of this very object is held. */
  has(object: KubeObject): boolean {
    const known = this.#held.get(keyTextOf(object))
    return known !== undefined && known.uid === object.metadata.uid
  }

  drop(key: string): void {
    this.#bytes -= this.#held.get(key)?.bytes ?? 0
    this.#held.delete(key)
    this.#leftOut.delete(key)
  }

  /** After a complete list: what it did not name is gone. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of [...this.#held.keys(), ...this.#leftOut.keys()]) if (!keys.has(key)) this.drop(key)
  }

  /** Whether something that was left out would have room now: it is worth a new list. */
  hasRoomAgain(): boolean {
    return [...this.#leftOut].some(([key, bytes]) => this.#bytes - (this.#held.get(key)?.bytes ?? 0) + bytes <= this.#max)
  }

  /** Why there is no room for what was left out. */
  refusal(key: string): string {
    const [takes, max, taken] = [this.#leftOut.get(key) ?? 0, this.#max, this.#bytes].map((bytes) => (bytes / mib).toFixed(1))
    return `it takes ${takes} MiB of the agent's memory, of the ${max} that there are for all of them ${taken} are taken`
  }

  /** A sentence that names one of what was left out. */
  problem(what: string): string | undefined {
    const [first] = this.#leftOut.keys()
    if (first === undefined) return undefined
    return `${this.#leftOut.size} of the ${what} (such as ${first}) are not followed: those that are take the ${this.#max / mib} MiB that this node has for them`
  }

  #put(object: KubeObject, bytes: number): void {
    const key = keyTextOf(object)
    this.drop(key)
    this.#held.set(key, { uid: object.metadata.uid, bytes })
    this.#bytes += bytes
  }
}

/** About what a JSON value takes in V8: it is lists of small parts that take much more than their text. */
export function bytesOf(value: unknown): number {
  if (typeof value === 'string') return 24 + value.length * (isLatin1(value) ? 1 : 2)
  if (typeof value !== 'object' || value === null) return 8
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + 8 + bytesOf(each), 32)
  return Object.entries(value).reduce((sum, [key, each]) => sum + 24 + key.length + bytesOf(each), 56)
}

// oxlint-disable-next-line no-control-regex -- all of what a byte can say
const isLatin1 = (text: string): boolean => /^[\u0000-\u00ff]*$/.test(text)
