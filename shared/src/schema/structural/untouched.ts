import type { FieldError } from '../../api/api-error.ts'
import { isObject } from '../../json/is-object.ts'
import { isSameJson } from '../../json/same-json.ts'
import type { JsonSchema } from './json-schema.ts'
import { noField } from './paths.ts'
import { itemsByKey } from './rules/old-items.ts'

/**
 * Whether an error that a schema tells of an object is about what an update left as it was, so that it may stay so, as in Kubernetes. What is
 * missing is missing in what it would stand in. An item of a list is the one with its keys, if it has any; else its whole list counts.
 */
export function isUntouched(schema: JsonSchema, error: FieldError, now: unknown, before: unknown): boolean {
  const path = pathOf(error)
  return path !== undefined && isSameAt(schema, { now, before, rest: path })
}

/** Some errors have no field and name the place in their text. */
function pathOf({ field, message }: FieldError): string | undefined {
  if (field !== noField) return field
  const [, shown] = /^Invalid value: "": ("(?:[^"\\]|\\.)*") must /.exec(message) ?? []
  if (shown !== undefined) return JSON.parse(shown) as string // a JSON text, by the pattern
  return / in (\S+)$/.exec(message)?.[1]
}

type Spot = { readonly now: unknown; readonly before: unknown; readonly rest: string }

function isSameAt(schema: JsonSchema | undefined, { now, before, rest }: Spot): boolean {
  const here = () => before !== undefined && isSameJson(now, before)
  if (rest === '') return here()
  const inner = Array.isArray(now)
    ? itemOf(schema, { now, before, rest })
    : isObject(now)
      ? memberOf(schema, { now, before, rest })
      : undefined
  if (inner === undefined) return here()
  return isSameAt(inner.schema, inner.spot)
}

type Inner = { readonly schema: JsonSchema | undefined; readonly spot: Spot }

function itemOf(schema: JsonSchema | undefined, { now, before, rest }: Spot): Inner | undefined {
  const [found, index] = /^\[(\d+)\]/.exec(rest) ?? []
  const item = Array.isArray(now) ? (now[Number(index)] as unknown) : undefined
  const was = found === undefined || schema === undefined ? undefined : itemsByKey(schema, before)(item)
  if (found === undefined || was === undefined) return undefined
  return { schema: schema?.items, spot: { now: item, before: was, rest: rest.slice(found.length) } }
}

/** A name may have dots in it. */
function memberOf(schema: JsonSchema | undefined, { now, before, rest }: Spot): Inner | undefined {
  if (schema?.['x-kubernetes-map-type'] === 'atomic') return undefined
  const at = rest.startsWith('.') ? rest.slice(1) : rest
  const object = now as Readonly<Record<string, unknown>> // looked at by the caller
  const name = Object.keys(object).find((each) => at === each || at.startsWith(`${each}.`) || at.startsWith(`${each}[`))
  if (name === undefined) return undefined
  const { properties = {}, additionalProperties } = schema ?? {}
  const member = Object.hasOwn(properties, name)
    ? properties[name]
    : typeof additionalProperties === 'object'
      ? additionalProperties
      : undefined
  const was = isObject(before) && Object.hasOwn(before, name) ? before[name] : undefined
  return { schema: member, spot: { now: object[name], before: was, rest: at.slice(name.length) } }
}
