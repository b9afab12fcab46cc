import type { Overload } from './define.ts'
import type { ObjectType } from './types.ts'

/** What the expressions of one place know beside what all know: types of which they make values by name, and functions. */
export type Extension = {
  typeNamed(name: string): ObjectType | undefined
  overloadsOf(name: string): readonly Overload[]
}
