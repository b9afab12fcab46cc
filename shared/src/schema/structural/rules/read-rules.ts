import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../../api/api-error.ts'
import { compileExpression, type Program } from '../../../cel/program.ts'
import { celTypeOf } from '../../../cel/schema-types.ts'
import { bool, type CelType, optionalOf, showType, string } from '../../../cel/types.ts'
import { isEmbedded, isOpen, type JsonSchema } from '../json-schema.ts'
import { limits } from '../limits.ts'
import { counterpart, isWithin, partPath, partsOf } from '../parts-of.ts'
import { type ErrorList, isFull, newErrors, note } from '../place.ts'
import { readFieldPath } from './field-path.ts'
import type { CompiledRule, RuleTree } from './rule-tree.ts'
import { reasons, type ValidationRule } from './validation-rule.ts'

export type ReadRules = { readonly rules: RuleTree | undefined; readonly errors: readonly FieldError[] }

const word = 'x-kubernetes-validations'

/** Every rule of a schema, compiled once, and what is wrong with those that cannot be. */
export function readRules(schema: JsonSchema, at: string): ReadRules {
  const errors = newErrors()
  const reading: Reading = { errors, left: limits.ruleCharacters }
  const rules = readTree(schema, schema, { at, isWhole: true, uncorrelated: undefined }, reading)
  return { rules, errors: errors.found }
}

type Reading = { readonly errors: ErrorList; left: number }
type Spot = {
  readonly at: string
  readonly isWhole: boolean
  /** The list above whose items nobody can tell from others after an update. */
  readonly uncorrelated: string | undefined
}

/** `schema` is what has the rules: the structure itself, or what an `allOf` says of it beside. */
function readTree(schema: JsonSchema, structure: JsonSchema, spot: Spot, reading: Reading): RuleTree | undefined {
  const rules = readOwn(schema, structure, spot, reading)
  const allOf: RuleTree[] = []
  const properties = new Map<string, RuleTree>()
  let items: RuleTree | undefined
  let additional: RuleTree | undefined
  for (const part of partsOf(schema)) {
    const at = partPath(spot.at, part)
    if (part.word === 'allOf') {
      const tree = readTree(part.schema, structure, { ...spot, at }, reading)
      if (tree !== undefined) allOf.push(tree)
    }
    const inner = isWithin(part) ? counterpart(part, structure) : undefined
    if (inner === undefined) continue
    const uncorrelated = spot.uncorrelated ?? (isCorrelated(structure, part.word) ? undefined : spot.at)
    const tree = readTree(part.schema, inner, { at, isWhole: isEmbedded(inner), uncorrelated }, reading)
    if (tree === undefined) continue
    if (part.name !== undefined) properties.set(part.name, tree)
    else if (part.word === 'items') items = tree
    else additional = tree
  }
  if (rules.length === 0 && allOf.length === 0 && properties.size === 0 && items === undefined && additional === undefined) return undefined
  return { schema: structure, isWhole: spot.isWhole, rules, allOf, items, properties, additional }
}

function isCorrelated(structure: JsonSchema, part: 'items' | string): boolean {
  return part === 'items' ? structure['x-kubernetes-list-type'] === 'map' : structure['x-kubernetes-map-type'] !== 'atomic'
}

function readOwn(schema: JsonSchema, structure: JsonSchema, spot: Spot, reading: Reading): readonly CompiledRule[] {
  const own = schema[word] ?? []
  const self = own.length === 0 ? undefined : celTypeOf(structure, spot.isWhole)
  return own.flatMap((rule, index): readonly CompiledRule[] => {
    if (isFull(reading.errors)) return []
    const at = `${spot.at}.${word}[${index}]`
    for (const wrong of shapeErrors(rule, at)) note(reading.errors, () => wrong)
    if (rule.rule.trim() === '') return []
    if (self === undefined) return tellNone(reading.errors, fieldInvalid(`${at}.rule`, rule.rule, noSelf(structure)))
    reading.left -= rule.rule.length + (rule.messageExpression?.length ?? 0)
    if (reading.left < 0)
      return tellNone(
        reading.errors,
        fieldForbidden(`${at}.rule`, `the rules of a schema must not have more than ${limits.ruleCharacters} characters`),
      )
    const compiled = compileRule(rule, { structure, self, at, uncorrelated: spot.uncorrelated }, reading.errors)
    return compiled === undefined ? [] : [compiled]
  })
}

const noSelf = (schema: JsonSchema): string =>
  `rule declared on schema that does not support validation rules type: '${schema.type ?? ''}' x-kubernetes-preserve-unknown-fields: '${isOpen(schema)}'`

function tellNone(errors: ErrorList, error: FieldError): readonly never[] {
  note(errors, () => error)
  return []
}

const hasLineBreak = (text: string): boolean => /[\n\r]/.test(text)

/** All that is wrong with how a rule is written, in the order of Kubernetes. */
function shapeErrors(given: ValidationRule, at: string): readonly FieldError[] {
  const { rule, message = '', messageExpression = '', reason, fieldPath = '' } = given
  const text = message.trim()
  return [
    ...(rule.trim() === '' ? [fieldRequired(`${at}.rule`, 'rule is not specified')] : []),
    ...(message !== '' && text === '' ? [fieldInvalid(`${at}.message`, message, 'message must be non-empty if specified')] : []),
    ...(hasLineBreak(text) ? [fieldInvalid(`${at}.message`, message, 'message must not contain line breaks')] : []),
    ...(hasLineBreak(rule.trim()) && text === ''
      ? [fieldRequired(`${at}.message`, 'message must be specified if rule contains line breaks')]
      : []),
    ...(messageExpression !== '' && messageExpression.trim() === ''
      ? [fieldRequired(`${at}.messageExpression`, 'messageExpression must be non-empty if specified')]
      : []),
    ...(reason === undefined || (reasons as readonly string[]).includes(reason)
      ? []
      : [fieldNotSupported(`${at}.reason`, reason, reasons)]),
    ...(fieldPath !== '' && fieldPath.trim() === ''
      ? [fieldInvalid(`${at}.fieldPath`, fieldPath, 'fieldPath must be non-empty if specified')]
      : []),
  ]
}

type RulePlace = { readonly structure: JsonSchema; readonly self: CelType; readonly at: string; readonly uncorrelated: string | undefined }

function compileRule(rule: ValidationRule, { structure, self, at, uncorrelated }: RulePlace, errors: ErrorList): CompiledRule | undefined {
  const before = errors.found.length
  const variables = new Map([
    ['self', self],
    ['oldSelf', rule.optionalOldSelf === true ? optionalOf(self) : self],
  ])
  const compile = (source: string, wanted: CelType, refuse: (why: string) => FieldError): Program | undefined => {
    const compiled = compileExpression(source, variables)
    if (!compiled.ok) note(errors, () => refuse(`compilation failed: ${compiled.why}`))
    else if (compiled.program.type.tag === wanted.tag && showType(compiled.program.type) === showType(wanted)) return compiled.program
    else note(errors, () => refuse(wanted === bool ? 'cel expression must evaluate to a bool' : 'must evaluate to a string'))
    return undefined
  }
  const program = compile(rule.rule, bool, (why) => fieldInvalid(`${at}.rule`, shownRule(rule), why))
  const { messageExpression = '', fieldPath = '' } = rule
  const message =
    messageExpression.trim() === ''
      ? undefined
      : compile(messageExpression, string, (why) => fieldInvalid(`${at}.messageExpression`, shownRule(rule), `messageExpression ${why}`))
  const usesOld = program?.uses('oldSelf') === true || message?.uses('oldSelf') === true
  if (usesOld && uncorrelated !== undefined) {
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`
    note(errors, () => fieldInvalid(`${at}.rule`, rule.rule, why))
  }
  if (rule.optionalOldSelf !== undefined && !usesOld) {
    const why = 'may not be set if oldSelf is not used in rule'
    note(errors, () => fieldInvalid(`${at}.optionalOldSelf`, rule.optionalOldSelf, why))
  }
  const path = fieldPath.trim() === '' ? ({ ok: true, path: '' } as const) : readFieldPath(fieldPath, structure)
  if (!path.ok) note(errors, () => fieldInvalid(`${at}.fieldPath`, fieldPath, `fieldPath must be a valid path: ${path.why}`))
  if (program === undefined || errors.found.length > before || !path.ok) return undefined
  return { at, rule, program, usesOld, message, fieldPath: path.path }
}

/** In the names that Kubernetes' own program has for them. */
const shownRule = ({ rule, message = '', messageExpression = '', reason, fieldPath = '', optionalOldSelf }: ValidationRule): object => ({
  ...{ Rule: rule, Message: message, MessageExpression: messageExpression, Reason: reason ?? null },
  ...{ FieldPath: fieldPath, OptionalOldSelf: optionalOldSelf ?? null },
})
