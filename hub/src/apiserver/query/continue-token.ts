import { badRequest } from '@bramble/shared/api/api-error.ts'

/** Where the next page of a list starts, and at which revision all its pages are read; `newest`: the first page's is gone, the rest is read now. */
export type ContinueToken = { readonly revision: number | 'newest'; readonly after: string }

export const encodeContinue = ({ revision, after }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: 1, rv: revision === 'newest' ? newest : revision, after })).toString('base64url')

const newest = -1

/** `prefix` is the list that is asked for: a token of another list is refused. */
export function decodeContinue(token: string, prefix: string): ContinueToken {
  try {
    const { v, rv, after } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Record<string, unknown> // checked right below
    if (
      v === 1 &&
      typeof rv === 'number' &&
      Number.isSafeInteger(rv) &&
      rv >= newest &&
      typeof after === 'string' &&
      after.startsWith(prefix)
    )
      return { revision: rv === newest ? 'newest' : rv, after }
  } catch {
    // Told below: it makes no difference in which way a token is wrong.
  }
  throw badRequest('invalid continue token: continue key is not valid: it is not a token that this list gave out')
}
