import type { Revision } from './revision-code.ts'

/** What a machine says of itself; every part may be missing. */
export type BoardIdentity = {
  /** `/proc/device-tree/model` */
  readonly model?: string
  /** `/proc/device-tree/compatible`, most specific first. */
  readonly compatible: readonly string[]
  readonly revision?: Revision
  /** The kernel's, in Kubernetes' words: `arm64`. */
  readonly architecture: string
}

export type BoardModel = {
  /** The value of the label `bramble.io/board`. */
  readonly label: string
  readonly name: string
  /** Device-tree strings that mean this model. */
  readonly compatible: readonly string[]
  /** Revision types that mean this model (see `revision-code.ts`). */
  readonly types: readonly string[]
}

/** One board, or a family of boards that are handled alike. */
export type Board = {
  readonly isBoard: true
  readonly id: string
  readonly architecture: string
  readonly soc?: string
  readonly models: readonly BoardModel[]
  /** Taken when no model matches and the architecture does. */
  readonly isFallback?: boolean
  /** Kept from pods for the kernel, the system and the agent, in MiB. */
  readonly reservedMemoryMi: number
  readonly hasRtc: boolean
  /** Only the board's radio connects it: no wired port. */
  readonly isWifiOnly?: boolean
  /** Where the console and the boot settings are, for people and for images. */
  readonly notes: readonly string[]
}

export const defineBoard = (board: Omit<Board, 'isBoard'>): Board => Object.freeze({ ...board, isBoard: true as const })

export const isBoard = (value: unknown): value is Board => (value as { isBoard?: unknown } | undefined)?.isBoard === true
