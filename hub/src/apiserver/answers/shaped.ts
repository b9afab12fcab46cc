import type { ApiRequest, ApiResponse } from '@bramble/shared/api/api-request.ts'
import { exactJson, parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { wantsYaml } from './negotiate.ts'
import { yamlText } from './yaml-text.ts'

export type Shape = 'pretty' | 'yaml'

/** JSON as it is wanted: in YAML, or with line breaks for a person, which is also what curl, wget and browsers get. Streams of events stay. */
export async function shaped(shape: Shape, answer: ApiResponse): Promise<ApiResponse> {
  if (answer.type === 'events' || answer.type === 'upgrade') return answer
  if (answer.type !== 'object' && !answer.contentType.startsWith('application/json')) return answer
  const value = answer.type === 'object' ? answer.object : parseExactJson(await textOf(answer))
  const { status, headers } = answer
  const isYaml = shape === 'yaml'
  const contentType = isYaml || answer.type === 'object' ? (isYaml ? 'application/yaml' : 'application/json') : answer.contentType
  const raw = status === 304 ? '' : isYaml ? yamlText(value) : `${exactJson(value, 2)}\n`
  return { type: 'raw', status, ...(headers !== undefined && { headers }), contentType, raw }
}

/** Undefined: as it is. */
export function shapeOf({ headers, query }: Pick<ApiRequest, 'headers' | 'query'>): Shape | undefined {
  if (wantsYaml(headers['accept'])) return 'yaml'
  const asked = query.get('pretty')
  if (asked !== null && asked !== '') return ['1', 't', 'T', 'true', 'True', 'TRUE'].includes(asked) ? 'pretty' : undefined
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '') ? 'pretty' : undefined
}

async function textOf(answer: ApiResponse & { type: 'raw' | 'stream' }): Promise<string> {
  if (answer.type === 'raw') {
    const text = typeof answer.raw === 'string' ? answer.raw : Buffer.from(answer.raw).toString()
    return text === '' ? 'null' : text
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of answer.stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
