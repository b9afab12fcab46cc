import { isApiError, type StatusReason } from '@bramble/shared/api/api-error.ts'

/** What a sender is told of an input that cannot be read. Any other error is the reader's own. */
const told: readonly StatusReason[] = [
  'BadRequest',
  'Invalid',
  'RequestEntityTooLarge',
  'UnsupportedMediaType',
  'NotAcceptable',
  'Unauthorized',
  // What is no revision, as in Kubernetes.
  'Unknown',
]

/** What the reader made of it; undefined when it refused. */
export function readOrRefused<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isApiError(error) && told.includes(error.reason)) return undefined
    throw error
  }
}

/** Of a reader that refuses with plain errors of these words. */
export function readOrTold<T>(read: () => T, words: RegExp): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && words.test(error.message)) return undefined
    throw error
  }
}

/** Nothing that was read may have reached what all objects share. */
export function checkPrototypes(): void {
  const shared = Object.getOwnPropertyNames(Object.prototype).length
  if (shared !== 12 || 'a' in {})
    throw new Error(`the prototype of all objects has changed: ${Object.getOwnPropertyNames(Object.prototype).join()}`)
}

export function same(what: string, a: unknown, b: unknown): void {
  if (a !== b) throw new Error(`${what}: ${JSON.stringify(a)?.slice(0, 300)} is not ${JSON.stringify(b)?.slice(0, 300)}`)
}
