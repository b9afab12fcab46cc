import fastJsonPatch from 'fast-json-patch'
import { ApiError, badRequest } from '@bramble/shared/api-error.ts'

type Operation = Parameters<typeof fastJsonPatch.applyOperation>[1]

// The limit of Kubernetes' apiserver.
const maxOperations = 10_000

// `copy` of a parent into its child doubles the document with every operation.
const maxCopiedLength = 3 * 1024 * 1024

/** RFC 6902. Changes neither argument; refuses the whole patch when one operation cannot be done. */
export function jsonPatch(object: object, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations')
  if (patch.length > maxOperations)
    throw new ApiError('RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`)
  let document: unknown = structuredClone(object)
  let copied = 0
  for (const [index, operation] of (patch as readonly Operation[]).entries()) {
    try {
      if (isCopy(operation)) copied += JSON.stringify(fastJsonPatch.getValueByPointer(document, operation.from) ?? null).length
      if (copied > maxCopiedLength) throw new Error(`the copies grow beyond ${maxCopiedLength} characters`)
      document = fastJsonPatch.applyOperation(document, operation, true, true, true, index).newDocument
    } catch (error) {
      throw refused(operation, index, error)
    }
  }
  return document
}

const isCopy = (operation: Operation): operation is Extract<Operation, { op: 'copy' }> =>
  (operation as { op?: unknown } | null)?.op === 'copy' && typeof (operation as { from?: unknown }).from === 'string'

/** 422 as in Kubernetes: the patch can be read, but not be done to this object. */
function refused(operation: unknown, index: number, error: unknown): ApiError {
  const { op, path } = (operation ?? {}) as { op?: unknown; path?: unknown }
  const why =
    ((error as { name?: unknown }).name === 'TEST_OPERATION_FAILED' ? 'test failed' : (error as Error).message.split('\n')[0]) ?? ''
  return new ApiError(
    'Invalid',
    `the JSON patch cannot be applied: operation ${index} (${text(op)} ${text(path)}): ${why}`,
    {},
    { cause: error },
  )
}

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : typeof value)
