import type { EnumIndex } from './enums-of.ts'
import type { JsonSchema } from './json-schema.ts'
import type { Pattern } from './pattern.ts'
import type { RuleTree } from './rules/rule-tree.ts'

/** A schema that was found good, with what is made ready of it once. */
export type Checked = {
  readonly schema: JsonSchema
  readonly patterns: ReadonlyMap<string, Pattern>
  readonly enums: ReadonlyMap<readonly unknown[], EnumIndex>
  /** If it has any: what must be true of its values beside. */
  readonly rules?: RuleTree | undefined
}
