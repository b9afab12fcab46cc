import { canonical } from './canonical.ts'
import type { JsonSchema } from './json-schema.ts'
import { partsOf } from './parts-of.ts'

/** The values of an enum, each as its canonical text: one look tells whether a value is among them, however many they are. */
export type EnumIndex = ReadonlySet<string>

export function collectEnums(schema: JsonSchema): ReadonlyMap<readonly unknown[], EnumIndex> {
  const enums = new Map<readonly unknown[], EnumIndex>()
  const collect = (part: JsonSchema): void => {
    if (part.enum !== undefined) enums.set(part.enum, new Set(part.enum.map(canonical)))
    for (const { schema: inner } of partsOf(part)) collect(inner)
  }
  collect(schema)
  return enums
}
