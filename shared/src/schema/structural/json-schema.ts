import * as z from 'zod'
import { limits } from './limits.ts'
import { type ValidationRule, validationRule } from './rules/validation-rule.ts'

/**
 * The JSON schema of an API type as a CustomResourceDefinition has it: OpenAPI v3 less what cannot be pruned and defaulted by. Keywords
 * that are not here are refused by name where a schema is read (`read-schema.ts`).
 */
export type JsonSchema = {
  readonly $schema?: string | undefined
  readonly type?: JsonType | undefined
  readonly format?: string | undefined
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly example?: unknown
  readonly externalDocs?: unknown
  readonly default?: unknown
  readonly nullable?: boolean | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly exclusiveMinimum?: boolean | undefined
  readonly exclusiveMaximum?: boolean | undefined
  readonly multipleOf?: number | undefined
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly pattern?: string | undefined
  readonly items?: JsonSchema | undefined
  readonly minItems?: number | undefined
  readonly maxItems?: number | undefined
  readonly uniqueItems?: boolean | undefined
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined
  readonly additionalProperties?: JsonSchema | boolean | undefined
  readonly required?: readonly string[] | undefined
  readonly minProperties?: number | undefined
  readonly maxProperties?: number | undefined
  readonly allOf?: readonly JsonSchema[] | undefined
  readonly anyOf?: readonly JsonSchema[] | undefined
  readonly oneOf?: readonly JsonSchema[] | undefined
  readonly not?: JsonSchema | undefined
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean | undefined
  readonly 'x-kubernetes-int-or-string'?: boolean | undefined
  readonly 'x-kubernetes-embedded-resource'?: boolean | undefined
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map' | undefined
  readonly 'x-kubernetes-list-map-keys'?: readonly string[] | undefined
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular' | undefined
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[] | undefined
}

export type JsonType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'

/** Go keeps the ends of a range as floats: of `9223372036854775807` is left what one can hold. */
const amount = z.preprocess((value) => (typeof value === 'bigint' ? Number(value) : value), z.number())
const count = amount.refine((value) => Number.isInteger(value) && value >= 0, 'must be an integer of 0 or more')

export const jsonSchema: z.ZodType<JsonSchema> = z.strictObject({
  $schema: z.string().optional(),
  type: z.enum(['object', 'array', 'string', 'integer', 'number', 'boolean']).optional(),
  format: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  example: z.unknown().optional(),
  externalDocs: z.unknown().optional(),
  default: z.unknown().optional(),
  nullable: z.boolean().optional(),
  enum: z.array(z.unknown()).max(limits.enumValues, `must not have more than ${limits.enumValues} values`).optional(),
  minimum: amount.optional(),
  maximum: amount.optional(),
  exclusiveMinimum: z.boolean().optional(),
  exclusiveMaximum: z.boolean().optional(),
  multipleOf: amount.refine((value) => value > 0, 'must be more than 0').optional(),
  minLength: count.optional(),
  maxLength: count.optional(),
  pattern: z.string().optional(),
  get items() {
    return jsonSchema.optional()
  },
  minItems: count.optional(),
  maxItems: count.optional(),
  uniqueItems: z.boolean().optional(),
  get properties() {
    return z.record(z.string(), jsonSchema).optional()
  },
  get additionalProperties() {
    return z.union([z.boolean(), jsonSchema]).optional()
  },
  required: z.array(z.string()).optional(),
  minProperties: count.optional(),
  maxProperties: count.optional(),
  get allOf() {
    return z.array(jsonSchema).optional()
  },
  get anyOf() {
    return z.array(jsonSchema).optional()
  },
  get oneOf() {
    return z.array(jsonSchema).optional()
  },
  get not() {
    return jsonSchema.optional()
  },
  'x-kubernetes-preserve-unknown-fields': z.boolean().optional(),
  'x-kubernetes-int-or-string': z.boolean().optional(),
  'x-kubernetes-embedded-resource': z.boolean().optional(),
  'x-kubernetes-list-type': z.enum(['atomic', 'set', 'map']).optional(),
  'x-kubernetes-list-map-keys': z.array(z.string()).optional(),
  'x-kubernetes-map-type': z.enum(['atomic', 'granular']).optional(),
  'x-kubernetes-validations': z.array(validationRule).optional(),
})

/** Whether fields that the schema does not name are kept. */
export const isOpen = (schema: JsonSchema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true
export const isIntOrString = (schema: JsonSchema): boolean => schema['x-kubernetes-int-or-string'] === true
/** Whether what is there is an object of the API itself, with `apiVersion`, `kind` and `metadata`. */
export const isEmbedded = (schema: JsonSchema): boolean => schema['x-kubernetes-embedded-resource'] === true

/** The schema of a member, by its name or as one of many; `true` where anything goes, nothing where none is allowed. */
export function memberSchema({ properties, additionalProperties }: JsonSchema, name: string): JsonSchema | undefined {
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name]
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}
