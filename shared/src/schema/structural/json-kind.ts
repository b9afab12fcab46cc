import * as z from 'zod'
import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import type { KubeObject } from '../../api/client.ts'
import { isSameJson } from '../../json/same-json.ts'
import { objectMeta } from '../../meta/object-meta.ts'
import { apiVersionOf } from '../api-version.ts'
import type { Kind, KindDefinition, Parsed } from '../kind.ts'
import { schemaError } from '../schema-error.ts'
import { valueErrors } from './check.ts'
import { TooManyDefaults, withDefaults } from './defaults.ts'
import type { JsonSchema } from './json-schema.ts'
import { rootNode } from './node-of.ts'
import { noField } from './paths.ts'
import type { ReadSchema } from './read-schema.ts'
import { ruleErrors } from './rules/rule-errors.ts'
import { isUntouched } from './untouched.ts'

/** An object of which only its schema knows more. */
export type JsonObject = KubeObject & { readonly [field: string]: unknown }

export type JsonKindDefinition = Omit<
  KindDefinition<JsonObject>,
  'prepareForCreate' | 'prepareForUpdate' | 'validate' | 'setDefaults' | 'keepUnsaid'
> & {
  /** Its schema, read when it is first needed: of a hundred kinds a hub uses a few. One that is not good refuses whatever it would have to check. */
  readonly read: () => ReadSchema
  /** Tells the schema from others, without reading it. */
  readonly schemaId: () => string
  /** Keeps what is made of the schema for as long as there is room for it; without it, for good. */
  readonly memo?: <T>(make: () => T) => () => T
}

/** The second maker of kinds: of one whose shape a structural JSON schema tells, as that of a custom resource. */
export function defineJsonKind({ read: readNow, schemaId, memo = once, ...definition }: JsonKindDefinition): Kind<JsonObject> {
  // A group without a dot is one of Kubernetes' own.
  if (!definition.group.includes('.'))
    throw new Error(`group ${JSON.stringify(definition.group)} of ${definition.kind} should be a domain with at least one dot`)
  const apiVersion = apiVersionOf(definition)
  const outside = z.looseObject({ apiVersion: z.literal(apiVersion), kind: z.literal(definition.kind), metadata: objectMeta })
  const hasStatus = definition.subresources?.status === true
  const ofSchema = memo(() => {
    const found = readNow()
    const schema: JsonSchema = found.ok ? found.checked.schema : anything
    const node = once(() => rootNode(schema, { typeName: definition.kind, group: apiVersion, description: definition.description }))
    return { found, schema, node }
  })
  const read = () => ofSchema().found
  const id = once(schemaId)
  // A memo: whoever asks for the rules has asked for the rest before.
  const wellFormed = new WeakSet<JsonObject>()
  const brokenRules = (object: JsonObject, before?: JsonObject): readonly FieldError[] => {
    const found = read()
    if (!found.ok || found.checked.rules === undefined) return []
    const wrong = wellFormed.has(object) ? [] : valueErrors(found.checked, object)
    if (wrong.some((error) => isBlocking(error) && (before === undefined || !mayStay(error, object, before)))) return [rulesNotChecked]
    return ruleErrors(found.checked.rules, object, before)
  }
  const mayStay = (error: FieldError, next: JsonObject, before: JsonObject): boolean => isUntouched(ofSchema().schema, error, next, before)
  return Object.freeze<Kind<JsonObject>>({
    ...definition,
    isKind: true,
    get node() {
      return ofSchema().node()
    },
    get schemaId() {
      return id()
    },
    // What its defaults would make too large is read without them: it may be there already, and must be readable to be changed or deleted.
    parse(value): Parsed<JsonObject> {
      const parsed = outside.safeParse(value)
      if (!parsed.success)
        return { ok: false, error: schemaError({ kind: definition, node: ofSchema().node(), value, error: parsed.error }) }
      return {
        ok: true,
        object: { ...typeAndMeta(parsed.data), ...(filled(ofSchema().schema, parsed.data) ?? structuredClone(own(parsed.data))) },
      }
    },
    prepareForCreate(object) {
      if (hasStatus) delete (object as { status?: unknown }).status
      object.metadata.generation = 1
    },
    prepareForUpdate(next, previous) {
      const { generation } = previous.metadata
      if (!isSameJson(wanted(next, hasStatus), wanted(previous, hasStatus))) next.metadata.generation = (generation ?? 0) + 1
    },
    validate(object): readonly FieldError[] {
      const found = read()
      if (!found.ok) return [fieldInvalid(noField, definition.kind, `its schema cannot be used: ${tellErrors(found.errors)}`)]
      const errors = [...tooManyDefaults(found.checked.schema, object), ...valueErrors(found.checked, object)]
      if (errors.length === 0) wellFormed.add(object)
      return errors
    },
    isUntouched: mayStay,
    validateCreate: (object) => brokenRules(object),
    validateUpdate: (next, previous) => brokenRules(next, previous),
  })
}

const anything: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

const tellErrors = (errors: readonly FieldError[]): string => errors.map(({ field, message }) => `${field}: ${message}`).join(', ')

/** Without what every object has: no schema fills in anything there, and a finalizer less must not change what is told of the rest. */
function own(object: object): object {
  const { metadata: _metadata, ...rest } = object as JsonObject // checked, or as good as that
  return rest
}

/** What stands before the rest, which may lose members: a null is nothing given at the root as well. */
function typeAndMeta(object: object): JsonObject {
  const { apiVersion, kind, metadata } = object as JsonObject // checked, or as good as that
  return { apiVersion, kind, metadata }
}

function filled(schema: JsonSchema, object: object): object | undefined {
  try {
    return withDefaults(schema, own(object)) as object // of an object comes an object
  } catch (error) {
    if (error instanceof TooManyDefaults) return undefined
    throw error
  }
}

function tooManyDefaults(schema: JsonSchema, object: JsonObject): readonly FieldError[] {
  try {
    withDefaults(schema, own(object))
    return []
  } catch (error) {
    if (error instanceof TooManyDefaults) return [fieldInvalid(error.path, '', error.message)]
    throw error
  }
}

/** A memo of what takes long and may never be asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
/** What is of another type, missing or too long keeps rules from being looked at, as in Kubernetes; what has another value does not. */
const isBlocking = ({ reason }: FieldError): boolean => blocking.has(reason)
const blocking: ReadonlySet<FieldError['reason']> = new Set([
  ...(['FieldValueRequired', 'FieldValueTypeInvalid', 'FieldValueNotSupported', 'FieldValueTooLong', 'FieldValueTooMany'] as const),
])

const rulesNotChecked = fieldInvalid(
  noField,
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
)

/** What whoever watches the generation reacts to. */
function wanted({ metadata: _metadata, ...object }: JsonObject, hasStatus: boolean): object {
  const { status: _status, ...rest } = object
  return hasStatus ? rest : object
}
