import { badRequest } from '../api/api-error.ts'
import type { KubeObject } from '../api/client.ts'
import { checkSelectorLength } from './selector-length.ts'
import type { Kind } from '../schema/kind.ts'

/** All terms must hold. */
export type FieldSelector = readonly FieldTerm[]
export type FieldTerm = { readonly field: string; readonly operator: '=' | '!='; readonly value: string }

/** Reads `metadata.name=x,status.phase!=Running`; `\` escapes `,`, `=` and itself. */
export function parseFieldSelector(query: string): FieldSelector {
  checkSelectorLength(query)
  return splitTerms(query)
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^((?:[^\\=!]|\\.)*?)(!=|==|=)(.*)$/s.exec(term)
      if (match === null) throw badRequest(`invalid selector: '${query}'; can't understand '${term}'`)
      const [, field = '', operator, value = ''] = match
      return { field: field.trim(), operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value) }
    })
}

/**
 * The test of a selector for objects of one kind; refuses fields that the kind does not offer. One look reads each field once, however
 * many terms there are.
 */
export function fieldMatcher<T extends KubeObject>(
  kind: Pick<Kind<T>, 'selectableFields'>,
  selector: FieldSelector,
): (object: T) => boolean {
  const fields = new Map<string, { readonly read: (object: T) => string; readonly wanted: Set<string>; readonly not: Set<string> }>()
  for (const { field, operator, value } of selector) {
    let known = fields.get(field)
    if (known === undefined) fields.set(field, (known = { read: readerOf(kind, field), wanted: new Set(), not: new Set() }))
    known[operator === '=' ? 'wanted' : 'not'].add(value)
  }
  const terms = [...fields.values()]
  return (object) =>
    terms.every(({ read, wanted, not }) => {
      const value = read(object)
      return !not.has(value) && (wanted.size === 0 || (wanted.size === 1 && wanted.has(value)))
    })
}

function readerOf<T extends KubeObject>({ selectableFields }: Pick<Kind<T>, 'selectableFields'>, field: string): (object: T) => string {
  if (field === 'metadata.name') return ({ metadata }) => metadata.name
  if (field === 'metadata.namespace') return ({ metadata }) => metadata.namespace ?? ''
  const read = selectableFields !== undefined && Object.hasOwn(selectableFields, field) ? selectableFields[field] : undefined
  if (read !== undefined) return read
  throw badRequest(
    selectableFields === undefined
      ? `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
      : `field label not supported: ${field}`,
  )
}

function splitTerms(query: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let at = 0; at < query.length; at++) {
    if (query[at] === '\\') at++
    else if (query[at] === ',') {
      terms.push(query.slice(start, at))
      start = at + 1
    }
  }
  terms.push(query.slice(start))
  return terms
}

function unescapeValue(value: string): string {
  if (!/[\\,=]/.test(value)) return value
  return value.replace(/\\(.)|\\$|[,=]/gs, (escape, character: string | undefined) => {
    if (character === '\\' || character === ',' || character === '=') return character
    throw badRequest(
      `invalid field selector: invalid value ${JSON.stringify(value)}: unescaped or invalid character ${JSON.stringify(escape)}`,
    )
  })
}
