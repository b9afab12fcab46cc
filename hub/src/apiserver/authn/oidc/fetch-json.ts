import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { Gathering } from '@bramble/shared/streams/gathering.ts'
import { request, type RequestOptions } from 'node:https'

/** So much of an answer is read, and so long is waited for all of it. */
const mostBytes = 512 * 1024
const mostMs = 10_000

export type FetchJson = (url: string) => Promise<unknown>

/** A document at an https URL. Where it leads elsewhere is not followed. */
export const fetchJsonTrusting =
  (ca: string | undefined): FetchJson =>
  async (url) => {
    if (!url.startsWith('https://')) throw new Error(`${url} is no https URL`)
    using deadline = createDeadline(mostMs)
    const headers = { accept: 'application/json' }
    const text = await textAt(url, { ...(ca !== undefined && { ca }), signal: deadline.signal, agent: false, headers })
    try {
      return JSON.parse(text) as unknown
    } catch (cause) {
      throw new Error(`${url} does not answer with JSON`, { cause })
    }
  }

const textAt = (url: string, options: RequestOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request(url, options, (answer) => {
      const whole = new Gathering()
      answer.on('data', (chunk: Buffer) => {
        if (whole.length + chunk.length > mostBytes) answer.destroy(new Error(`${url} answers with more than ${mostBytes} bytes`))
        else whole.add(chunk)
      })
      answer.on('error', reject)
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(whole.whole().toString())
        else reject(new Error(`${url} answers ${answer.statusCode}`))
      })
    })
    asked.on('error', reject)
    asked.end()
  })
