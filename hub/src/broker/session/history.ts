import type { UpMessage } from '@bramble/shared/frames/headers.ts'

/** The lives of the hub that a node was told of at its last welcome. */
export type KnownLives = NonNullable<Extract<UpMessage, { t: 'hello' }>['lives']>

/** Which lives the hub has had, and up to which revision it has what a node that knows these heard. */
export type HistoryFor = (known: KnownLives) => { readonly lives?: KnownLives; readonly shared?: number }

export const noHistory: HistoryFor = () => ({})
