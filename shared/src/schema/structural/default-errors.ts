import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import { isSameJson } from '../../json/same-json.ts'
import { tooMuchWork, valueErrors } from './check.ts'
import type { Checked } from './checked.ts'
import { newRoom, TooManyDefaults, withDefaults } from './defaults.ts'
import { isEmbedded, isOpen, type JsonSchema, memberSchema } from './json-schema.ts'
import { limits } from './limits.ts'
import { isWithin, partPath, partsOf, type SchemaPart } from './parts-of.ts'
import { isFull, newErrors, note, type ErrorList } from './place.ts'
import { ruleErrors } from './rules/rule-errors.ts'
import type { RuleTree } from './rules/rule-tree.ts'
import { newWork, pay, payForWhole, TooMuchWork, type Work } from './work.ts'

/**
 * Defaults that their own schema, or its rules, would refuse, or that would be pruned. Those within a default count as if they stood in it. One within another
 * is looked at with each of them, so all of a schema share what may be spent.
 */
export function defaultErrors(checked: Checked, at: string): readonly FieldError[] {
  const errors = newErrors()
  const work = newWork()
  try {
    collect(checked, at, { errors, work }, checked.rules)
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error
    return [tooMuchWork(at)]
  }
  return errors.found
}

/** To copy a part of a default, with its name and place. */
const fillSteps = 4

type Found = { readonly errors: ErrorList; readonly work: Work }

function collect(checked: Checked, at: string, found: Found, rules: RuleTree | undefined): void {
  const { schema } = checked
  const { errors, work } = found
  if (isFull(errors)) return
  for (const part of partsOf(schema))
    if (isWithin(part)) collect({ ...checked, schema: part.schema }, partPath(at, part), found, rulesWithin(rules, part))
  const own = schema.default ?? undefined
  if (own === undefined) return
  const field = `${at}.default`
  payForWhole(work, own)
  if (!isSameJson(own, known(schema, own))) return note(errors, () => fieldInvalid(field, own, 'must not have unknown fields'))
  const room = newRoom()
  try {
    const filled = withDefaults(schema, own, field, room)
    pay(work, fillSteps * (limits.filledParts - room.parts))
    const wrong = valueErrors(checked, filled, field, work)
    for (const error of [...wrong, ...brokenRules(rules, wrong, filled, field)]) note(errors, () => error)
  } catch (error) {
    if (!(error instanceof TooManyDefaults)) throw error
    note(errors, () => fieldInvalid(error.path, '', error.message))
    // Each would end so, at its price.
    pay(work, fillSteps * limits.filledParts)
  }
}

/** Rules speak of what is as its schema says. */
const brokenRules = (rules: RuleTree | undefined, wrong: readonly FieldError[], filled: unknown, field: string): readonly FieldError[] =>
  rules === undefined || wrong.length > 0 ? [] : ruleErrors(rules, filled, undefined, field)

function rulesWithin(rules: RuleTree | undefined, { name, word }: SchemaPart): RuleTree | undefined {
  if (name !== undefined) return rules?.properties.get(name)
  return word === 'items' ? rules?.items : rules?.additional
}

/** What of a value its schema names. */
function known(schema: JsonSchema | undefined, value: unknown): unknown {
  if (schema === undefined || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => known(schema.items, item))
  const isAny = isOpen(schema) || schema.additionalProperties === true
  const isOwn = (name: string) => isEmbedded(schema) && (name === 'apiVersion' || name === 'kind' || name === 'metadata')
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const inner = memberSchema(schema, name)
      return inner === undefined && !isAny && !isOwn(name) ? [] : [[name, known(inner, member)] as const]
    }),
  )
}
