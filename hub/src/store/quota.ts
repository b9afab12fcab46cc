import { ApiError } from '@bramble/shared/api/api-error.ts'

/** Updates that add no more are a cluster's own life: statuses, endpoints, a number that somebody corrects. */
const smallBytes = 8 * 1024
/** What an object takes beside its key and its text: its places in the maps and among the sorted keys. */
const entryBytes = 400

/** What an entry takes of the memory. A text with one character beyond Latin-1 has two bytes for each. */
export const bytesOf = (key: string, value: string): number => entryBytes + key.length + value.length * (isWide(value) ? 2 : 1)

const isWide = (text: string): boolean => /[\u0100-\uffff]/.test(text)

export type QuotaOptions = {
  readonly bytes: number
  /** Hears when the first write is refused, and when there is room again. */
  readonly onChange?: ((isFull: boolean) => void) | undefined
}

/**
 * What all objects that are kept may take together. Everything stored is in memory, so without it whoever makes objects without end
 * ends the hub. New objects and large changes stop at the quota; small changes of what is there have an eighth more, so that nodes,
 * Services and whoever wants to make room go on; what makes room is never refused.
 */
export class Quota {
  readonly bytes: number
  readonly #onChange: (isFull: boolean) => void
  #taken = 0
  #promised = 0
  #isFull = false

  constructor({ bytes, onChange = () => {} }: QuotaOptions) {
    this.bytes = bytes
    this.#onChange = onChange
  }

  get taken(): number {
    return this.#taken
  }

  changed(byBytes: number): void {
    this.#taken += byBytes
    // Not at once: somebody at the brink would be told each time.
    if (this.#isFull && this.#taken <= (this.bytes / 16) * 15) this.#tell(false)
  }

  /** Takes the growth of a write that waits for the disk; the function gives it back once that has been counted or has failed. */
  promise(growth: number): void {
    this.#promised += Math.max(0, growth)
  }
  keep(growth: number): void {
    this.#promised -= Math.max(0, growth)
  }

  /** Throws when a write that makes its object larger by so much cannot be taken. */
  check(growth: number, isNew: boolean): void {
    const most = isNew || growth > smallBytes ? this.bytes : this.bytes + this.bytes / 8
    if (growth <= 0 || this.#taken + this.#promised + growth <= most) return
    this.#tell(true)
    throw new ApiError(
      'InsufficientStorage',
      `etcdserver: mvcc: database space exceeded: objects take ${mebi(this.#taken + this.#promised)} of the ${mebi(this.bytes)} that the hub ` +
        'holds: delete what is not needed, or start the hub with a larger --store-quota-mib if its machine has the memory',
    )
  }

  #tell(isFull: boolean): void {
    if (this.#isFull === isFull) return
    this.#isFull = isFull
    this.#onChange(isFull)
  }
}

export const mebi = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)} MiB`

/**
 * What objects may take where nobody says it, by the heap that Node allows itself, which follows the machine's memory (64 MiB of half a GiB
 * on a board with 1 GB). Small pods, which the hub's loops keep in a form of their own as well, take five times what is counted here.
 */
export const quotaFor = (heapBytes: number): number => Math.min(Math.max(heapBytes / 8, 64 * 1024 * 1024), 2 * 1024 * 1024 * 1024)
