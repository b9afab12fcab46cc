import { isObject } from '@bramble/shared/json/is-object.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { parseJsonBody } from '../bodies/json-body.ts'
import type { Remote } from '../remote/remote.ts'
import type { PostToWebhook } from './webhook.ts'

/** Of all objects of an answer together. */
const maxParts = 300_000

/** Asks over HTTPS, and says of what is no answer what Kubernetes' own client says. */
export const postTo =
  (remote: Pick<Remote, 'ask'>): PostToWebhook =>
  async (client, body, bounds) => {
    const {
      status,
      headers,
      body: bytes,
    } = await remote.ask(client, {
      method: 'POST',
      // As its own deadline stands in what Kubernetes posts.
      query: new URLSearchParams({ timeout: `${bounds.timeoutMs / 1000}s` }),
      headers: { 'content-type': 'application/json', accept: 'application/json, */*' },
      body,
      ...bounds,
    })
    if (status < 200 || status > 206) throw new Error(refusalOf(status, bytes))
    if (bytes.length === 0)
      throw new Error(`0-length response with status code: ${status} and content type: ${String(headers['content-type'] ?? '')}`)
    try {
      return parseJsonBody(bytes.toString(), { findDuplicates: false, maxParts }).value
    } catch (cause) {
      throw new Error(`couldn't get version/kind; ${messageOf(cause)}`, { cause })
    }
  }

const words: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  406: 'the server was unable to respond with a content type that the client supports',
  413: 'Request entity too large',
  415: 'the body of the request was in an unknown format',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
}

/** As much as anybody reads. */
const longestText = 2048

function refusalOf(status: number, bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, longestText)).toString().trim()
  const told = statusMessage(bytes)
  if (told !== undefined) return told
  if (status === 403) return text === '' ? 'unknown' : text
  const known = words[status]
  if (known !== undefined) return known
  return status >= 500
    ? `an error on the server (${JSON.stringify(text === '' ? 'unknown' : text)}) has prevented the request from succeeding`
    : `the server responded with the status code ${status} but did not return more information`
}

/** Of an answer that is a Status. */
function statusMessage(bytes: Uint8Array): string | undefined {
  try {
    const { value } = parseJsonBody(Buffer.from(bytes).toString(), { findDuplicates: false })
    if (!isObject(value) || value['kind'] !== 'Status' || typeof value['message'] !== 'string') return undefined
    return value['message'].slice(0, longestText)
  } catch {
    return undefined
  }
}
