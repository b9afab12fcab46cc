import * as z from 'zod'
import { message, opt } from './field.ts'
import { any, bool, mapOf, text } from './scalars.ts'

const number = z.union([z.number(), z.bigint()]).meta({ scalar: 'double' })
const count = z.union([z.int(), z.bigint()]).meta({ scalar: 'int64' })
const texts = z.array(text)

const externalDocs = message('apiextensions.k8s.io/v1.ExternalDocumentation', { description: opt(1, text), url: opt(2, text) })

const validationRule = message('apiextensions.k8s.io/v1.ValidationRule', {
  rule: opt(1, text, { description: 'What must be true, in CEL.' }),
  message: opt(2, text),
  messageExpression: opt(3, text),
  reason: opt(4, text, { ptr: true }),
  fieldPath: opt(5, text),
  optionalOldSelf: opt(6, bool, { ptr: true }),
})

/**
 * A JSON schema as it stands in a CustomResourceDefinition, with the numbers and zeros that it has in Go. What it means, and whether it can be
 * worked with, is read elsewhere (`schema/structural/read-schema.ts`).
 */
const shape: z.ZodRawShape = {
  id: opt(1, text),
  $schema: opt(2, text),
  $ref: opt(3, text, { ptr: true }),
  description: opt(4, text),
  type: opt(5, text),
  format: opt(6, text),
  title: opt(7, text),
  default: opt(8, any, { ptr: true }),
  maximum: opt(9, number, { ptr: true }),
  exclusiveMaximum: opt(10, bool),
  minimum: opt(11, number, { ptr: true }),
  exclusiveMinimum: opt(12, bool),
  maxLength: opt(13, count, { ptr: true }),
  minLength: opt(14, count, { ptr: true }),
  pattern: opt(15, text),
  maxItems: opt(16, count, { ptr: true }),
  minItems: opt(17, count, { ptr: true }),
  uniqueItems: opt(18, bool),
  multipleOf: opt(19, number, { ptr: true }),
  enum: opt(20, z.array(any), { list: 'atomic' }),
  maxProperties: opt(21, count, { ptr: true }),
  minProperties: opt(22, count, { ptr: true }),
  required: opt(23, texts, { list: 'atomic' }),
  get items() {
    return opt(24, orItems)
  },
  get allOf() {
    return opt(25, z.array(jsonSchemaProps), { list: 'atomic' })
  },
  get oneOf() {
    return opt(26, z.array(jsonSchemaProps), { list: 'atomic' })
  },
  get anyOf() {
    return opt(27, z.array(jsonSchemaProps), { list: 'atomic' })
  },
  get not() {
    return opt(28, jsonSchemaProps)
  },
  get properties() {
    return opt(29, schemaMap)
  },
  get additionalProperties() {
    return opt(30, orBool)
  },
  get patternProperties() {
    return opt(31, schemaMap)
  },
  dependencies: opt(32, any),
  get additionalItems() {
    return opt(33, orBool)
  },
  get definitions() {
    return opt(34, schemaMap)
  },
  externalDocs: opt(35, externalDocs),
  example: opt(36, any, { ptr: true }),
  nullable: opt(37, bool),
  'x-kubernetes-preserve-unknown-fields': opt(38, bool, { ptr: true }),
  'x-kubernetes-embedded-resource': opt(39, bool),
  'x-kubernetes-int-or-string': opt(40, bool),
  'x-kubernetes-list-map-keys': opt(41, texts, { list: 'atomic' }),
  'x-kubernetes-list-type': opt(42, text, { ptr: true }),
  'x-kubernetes-map-type': opt(43, text, { ptr: true }),
  'x-kubernetes-validations': opt(44, z.array(validationRule), { list: 'map', keys: ['rule'], patch: 'merge', key: 'rule' }),
}

const group = 'apiextensions.k8s.io/v1'
export type JsonSchemaProps = { readonly [word: string]: unknown }
export const jsonSchemaProps = message(`${group}.JSONSchemaProps`, shape) as unknown as z.ZodType<JsonSchemaProps> // it contains itself, which nobody can infer

const schemaMap = mapOf(jsonSchemaProps)

const inlineAt = (n: number) => ({ inline: [{ n, type: 'JSONSchemaProps', fields: Object.keys(shape), inline: [] }] })

/** A schema, or what Go also takes there. As a type it is what it should be; the rules of schemas have their own words for the rest. */
const orElse = (other: z.ZodType, like: z.ZodType) => z.union([other, jsonSchemaProps]).meta({ as: like })

const orItems = orElse(z.array(jsonSchemaProps), message(`${group}.JSONSchemaPropsOrArray`, shape, inlineAt(1)))

/** A protobuf body says `allows` where there is no schema. */
const allowed = z.strictObject({ allows: bool }).transform(({ allows }) => allows)
const withAllows: z.ZodRawShape = Object.defineProperties({}, Object.getOwnPropertyDescriptors(shape))
Object.defineProperty(withAllows, 'allows', { value: opt(1, bool, { ptr: true }), enumerable: true })
const orBool = orElse(z.union([bool, allowed]), message(`${group}.JSONSchemaPropsOrBool`, withAllows, inlineAt(2)))
