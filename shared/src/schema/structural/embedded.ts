import { type FieldError, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { templateMeta } from '../../meta/object-meta.ts'
import { pathText } from '../schema-error.ts'
import { isEmbedded, type JsonSchema, memberSchema } from './json-schema.ts'
import { childPath } from './place.ts'

/** That what is called an object of the API within another one says of which kind it is. */
export function embeddedErrors(schema: JsonSchema, value: unknown, path = ''): readonly FieldError[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? [] : value.flatMap((item, index) => embeddedErrors(items, item, `${path}[${index}]`))
  }
  const own = isEmbedded(schema) ? ['apiVersion', 'kind'].filter((name) => !isNamed((value as Record<string, unknown>)[name])) : []
  return [
    ...own.map((name) => fieldRequired(childPath(path, name), 'must not be empty')),
    ...(isEmbedded(schema) ? metadataErrors((value as Record<string, unknown>)['metadata'], childPath(path, 'metadata')) : []),
    ...Object.entries(value).flatMap(([name, member]) => {
      const known = memberSchema(schema, name)
      return known === undefined ? [] : embeddedErrors(known, member, childPath(path, name))
    }),
  ]
}

function metadataErrors(value: unknown, path: string): readonly FieldError[] {
  const parsed = templateMeta.safeParse(value ?? {})
  return parsed.success ? [] : parsed.error.issues.map((issue) => fieldInvalid(childPath(path, pathText(issue.path)), '', issue.message))
}

const isNamed = (value: unknown): boolean => typeof value === 'string' && value !== ''
