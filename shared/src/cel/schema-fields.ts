import type { JsonSchema } from '../schema/structural/json-schema.ts'

/** A field of an object, by the name that it has in expressions. */
export type SchemaField = { readonly name: string; readonly schema: JsonSchema }

const text: JsonSchema = { type: 'string' }
const ownMetadata: JsonSchema = { type: 'object', properties: { name: text, generateName: text } }

// A memo, not state: schemas never change.
const known = {
  inner: new WeakMap<JsonSchema, ReadonlyMap<string, SchemaField>>(),
  whole: new WeakMap<JsonSchema, ReadonlyMap<string, SchemaField>>(),
}

/** Of an object of the API also what every one has. */
export function fieldsOf(schema: JsonSchema, isWhole: boolean): ReadonlyMap<string, SchemaField> {
  const memo = isWhole ? known.whole : known.inner
  let found = memo.get(schema)
  if (found === undefined) {
    const own = isWhole ? { apiVersion: text, kind: text, metadata: ownMetadata } : {}
    const all = Object.entries({ ...schema.properties, ...own })
    found = new Map(
      all.flatMap(([name, member]) => {
        const escaped = escapeName(name)
        return escaped === undefined ? [] : [[escaped, { name, schema: member }] as const]
      }),
    )
    memo.set(schema, found)
  }
  return found
}

const reserved: ReadonlySet<string> = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop'],
  ...['package', 'namespace', 'return'],
])

/** How expressions write the name of a field; undefined for names that they cannot. */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined
  return name.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__')
}
