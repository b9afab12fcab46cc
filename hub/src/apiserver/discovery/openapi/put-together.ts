import { createHash } from 'node:crypto'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'

/** As bytes, outside the heap. */
export type Document = { readonly bytes: Uint8Array; readonly hash: string }

/** A document of pieces that are made one by one, with turns in between; one piece may be as large as a CustomResourceDefinition. */
export async function putTogether(pieces: Iterable<string | Uint8Array>): Promise<Document> {
  const hash = createHash('sha256')
  const parts: Uint8Array[] = []
  for (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    hash.update(bytes)
    parts.push(bytes)
    if (isTurnOver(1)) await nextTurn()
  }
  return { bytes: Buffer.concat(parts), hash: shortened(hash.digest('hex')) }
}

export const hashed = (content: string): string => shortened(createHash('sha256').update(content).digest('hex'))

const shortened = (hash: string): string => hash.slice(0, 32).toUpperCase()
