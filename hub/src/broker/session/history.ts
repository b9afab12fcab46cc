import type { KnownLives } from '@bramble/shared/frames/headers.ts'

/** Which lives the hub has had, and up to which revision it has what a node heard that was told of these at its last welcome. */
export type HistoryFor = (known: KnownLives) => { readonly lives?: KnownLives; readonly shared?: number }

export const noHistory: HistoryFor = () => ({})
