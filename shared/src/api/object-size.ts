/**
 * The largest object that is stored, as the UTF-8 of its JSON. A body may have 3 MiB; defaults, patches and bookkeeping add to what it
 * becomes. Whatever is stored must fit a message to a node, as an answer and as an event (see `maxMessageBytes`).
 */
export const maxObjectBytes = 3.5 * 1024 * 1024

/** Whether a text has more bytes than that; most are so short that they need not be counted. */
export const isLargerThan = (text: string, bytes: number): boolean => text.length * 3 > bytes && Buffer.byteLength(text) > bytes

/**
 * The most parts of one object: its values, lists and objects, itself included. What is checked, defaulted, compared and merged takes time by the part,
 * and the whole hub waits. The largest objects of everyday life (a slice of a thousand endpoints, a Secret of a thousand keys)
 * have less than twenty thousand.
 */
export const maxObjectParts = 30_000

/** Of a definition of a kind, which only who rules the cluster writes: those that embed whole pods several times have 45,000. */
export const maxDefinitionParts = 64_000

/** Whether a JSON value has more parts than that. */
export function hasMoreParts(value: unknown, parts: number): boolean {
  let left = parts
  const count = (part: unknown): boolean => {
    if (--left < 0) return true
    if (typeof part !== 'object' || part === null) return false
    if (Array.isArray(part)) return part.some(count)
    for (const key in part) if (count((part as Readonly<Record<string, unknown>>)[key])) return true
    return false
  }
  return count(value)
}
