import { ApiError } from '@bramble/shared/api/api-error.ts'
import { reasonOfCode } from '@bramble/shared/api/api-status.ts'
import { errorOf } from '@bramble/shared/api/rest-client.ts'
import { cutText } from '@bramble/shared/text/cut-text.ts'

type Answer = {
  /** Who answers, as errors call it. */
  readonly from: string
  readonly status: number
  readonly bytes: AsyncIterable<Uint8Array>
  readonly maxBytes: number
  readonly parse: (text: string) => unknown
}

/** The JSON value of an answer, read to its end. Throws the error that it speaks of, or says why it is no answer. */
export async function wholeAnswer({ from, status, bytes, maxBytes, parse }: Answer): Promise<unknown> {
  const text = await textOf(from, bytes, maxBytes)
  let value: unknown
  try {
    value = parse(text)
  } catch (cause) {
    const reason = status >= 400 ? reasonOfCode(status) : 'InternalError'
    throw new ApiError(reason, `${from} answered ${status} with what is no JSON: ${cutText(text, 200)}`, {}, { cause })
  }
  if (status >= 400) throw errorOf(value, status)
  return value
}

async function textOf(from: string, bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of bytes) {
    length += chunk.byteLength
    // Leaving the loop ends the connection.
    if (length > maxBytes)
      throw new ApiError(
        'RequestEntityTooLarge',
        `the answer of ${from} is larger than ${maxBytes} bytes: ask for less with a limit or a selector`,
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length).toString()
}
