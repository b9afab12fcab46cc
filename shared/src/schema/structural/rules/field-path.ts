import type { JsonSchema } from '../json-schema.ts'
import { childPath, keyPath } from '../paths.ts'

export type ReadPath = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly why: string }

const step = /\.([^.[\]']+)|\['((?:[^'\\]|\\.)*)'\]/y
const escapes: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** `.spec['a.b']`, as a path that stands behind another one, if the schema has such a field. */
export function readFieldPath(text: string, schema: JsonSchema): ReadPath {
  let at: JsonSchema = schema
  let path = ''
  for (step.lastIndex = 0; step.lastIndex < text.length;) {
    const start = step.lastIndex
    const match = step.exec(text)
    if (match === null) return { ok: false, why: `expected [ or . but got: ${text.slice(start, start + 100)}` }
    const name = match[1] ?? (match[2] ?? '').replaceAll(/\\(.)/g, (_, sign: string) => escapes[sign] ?? sign)
    const { properties, additionalProperties } = at
    const named = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
    const next = properties === undefined && typeof additionalProperties === 'object' ? additionalProperties : named
    if (next === undefined) return { ok: false, why: 'does not refer to a valid field' }
    path = named === undefined ? keyPath(path, name) : `${path}.${childPath('', name)}`
    at = next
  }
  return { ok: true, path }
}
