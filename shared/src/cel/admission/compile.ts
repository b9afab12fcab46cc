import { jsonPatchType, objectType, patchTypes } from '../patch-types.ts'
import { compileExpression, type Program } from '../program.ts'
import * as t from '../types.ts'
import { type CelType, showType } from '../types.ts'
import { declared, type Environment, type VariableName } from './environment.ts'

/** An expression of a policy or of a webhook's conditions, with the variables that it has slots for. */
export type Expression =
  | { readonly ok: true; readonly source: string; readonly program: Program; readonly slots: readonly VariableName[] }
  | { readonly ok: false; readonly source: string; readonly why: string }

export type Wanted = readonly CelType[] | 'any'

/** What is wrong is told in the words of Kubernetes. */
export function compileFor(source: string, environment: Environment, wanted: Wanted): Expression {
  const variables = declared(environment)
  const compiled = compileExpression(source, variables, environment.hasPatchTypes === true ? patchTypes : undefined)
  if (!compiled.ok) return { ok: false, source, why: `compilation failed: ${compiled.why}` }
  const { program } = compiled
  if (wanted !== 'any' && !wanted.some((type) => isExactly(type, program.type)))
    return { ok: false, source, why: `must evaluate to ${shown(wanted)} but got ${typeText(program.type)}` }
  return { ok: true, source, program, slots: [...variables.keys()] as VariableName[] } // declared by these names
}

const isExactly = (wanted: CelType, found: CelType): boolean => wanted === found || typeText(wanted) === typeText(found)

/** As Go names them. */
const typeText = (type: CelType): string => (type.tag === 'simple' && type.name === 'null_type' ? 'null_type' : showType(type, 50))

const shown = (types: readonly CelType[]): string =>
  types.length === 1 ? typeText(types[0] ?? t.dyn) : `one of [${types.map(typeText).join(' ')}]`

/** Of the two ways to say a change. */
export const applyTypes: Wanted = [objectType]
export const jsonPatchTypes: Wanted = [t.listOf(jsonPatchType)]
export const conditionTypes: Wanted = [t.bool]
export const messageTypes: Wanted = [t.string]
export const annotationTypes: Wanted = [t.string, t.nullType]
