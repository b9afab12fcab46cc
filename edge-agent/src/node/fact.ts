import type { BoardMatch } from '@bramble/firmware-images/boards.ts'
import { marked } from '@bramble/shared/discover.ts'

/** What one machine is. A fact that could not be found out is absent, never zero. */
export type NodeFacts = {
  readonly hostname: string
  /** What containers run natively, in Kubernetes' words: `amd64`, `arm64`, `arm`. */
  readonly architecture: string
  /** The kernel's, which differs from `architecture` with a 32-bit system on a 64-bit kernel. */
  readonly kernelArchitecture: string
  readonly osImage: string
  readonly kernelVersion: string
  readonly bootId: string
  readonly machineId: string
  readonly systemUuid: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly swapBytes: number
  readonly pageSizeBytes: number
  readonly pidMax: number
  readonly ephemeralStorageBytes: number
  readonly diskRoom: { readonly freeBytes: number; readonly sizeBytes: number; /** 0 to 1 */ readonly freeInodes: number }
  /** `sd`, `emmc`, `nvme`, `usb`, `disk` or `virtual`. */
  readonly storage: string
  readonly cgroup: { readonly version: 1 | 2; readonly hasMemory: boolean }
  readonly hasRtc: boolean
  /** False when the clock stands before this software was made: no network time yet on a board without a clock. */
  readonly clockIsSane: boolean
  readonly addresses: readonly string[]
  /** Kubernetes architecture names that run by emulation. */
  readonly emulatedArchitectures: readonly string[]
  readonly board: BoardMatch
  readonly boardRevision: string
  readonly ramGb: number
  /** What a fact has for the labels of the Node and for nothing else; null takes one away. */
  readonly labels: Readonly<Record<string, string | null>>
}

/** Where facts are read from; roots are folders, so that a test can show any board. */
export type FactSource = {
  /** `/proc`, `/sys`, `/etc` */
  readonly proc: string
  readonly sys: string
  readonly etc: string
  /** Node's own: `process.arch`, and the kernel's `uname -m`. */
  readonly processArch: string
  readonly machine: string
  readonly hostname: string
  readonly kernelRelease: string
  readonly now: () => number
  /** The folder whose disk pods write to. */
  readonly dataDir: string
  /** Addresses by interface, as `os.networkInterfaces()` tells. */
  readonly interfaces: () => Readonly<
    Record<string, readonly { readonly address: string; readonly family: string; readonly internal: boolean }[] | undefined>
  >
  /** The address this machine uses towards the hub, when it is known. */
  readonly addressTowardsHub?: () => Promise<string | undefined>
}

/** One file in `facts/`: reads its part of the node. Answers only what it found. */
export type Fact = {
  readonly isFact: true
  readonly name: string
  /** Facts that change while the machine runs are read again; the others once. */
  readonly changes?: boolean
  read(source: FactSource): Partial<NodeFacts> | Promise<Partial<NodeFacts>>
}

export const defineFact = (fact: Omit<Fact, 'isFact'>): Fact => Object.freeze({ ...fact, isFact: true as const })

export const isFact = marked<Fact>('isFact')
