import type { Program } from '../../../cel/program.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { ValidationRule } from './validation-rule.ts'

/** A rule that was found good. */
export type CompiledRule = {
  /** Where it stands in the definition. */
  readonly at: string
  readonly rule: ValidationRule
  readonly program: Program
  readonly usesOld: boolean
  readonly message: Program | undefined
  /** Where the field that it is about stands below. */
  readonly fieldPath: string
}

/** The rules of a schema and of what stands within it; only what has any is there. */
export type RuleTree = {
  readonly schema: JsonSchema
  readonly isWhole: boolean
  readonly rules: readonly CompiledRule[]
  readonly allOf: readonly RuleTree[]
  readonly items: RuleTree | undefined
  readonly properties: ReadonlyMap<string, RuleTree>
  readonly additional: RuleTree | undefined
}
