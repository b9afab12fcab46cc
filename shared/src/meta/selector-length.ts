import { badRequest } from '../api/api-error.ts'

// What fits into the line of an HTTP request. A node's requests come in frames that could hold megabytes, and each term of a selector is
// asked of each object.
const maxSelectorLength = 16 * 1024

export function checkSelectorLength(query: string): void {
  if (query.length > maxSelectorLength)
    throw badRequest(`a selector has at most ${maxSelectorLength} characters, this one has ${query.length}`)
}
