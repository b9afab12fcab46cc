import type { Expression } from './compile.ts'
import type { CelType } from '../types.ts'
import { compilePolicy } from './policy.ts'

export type Checked = {
  /** `apps/v1, Kind=Deployment` */
  readonly name: string
  readonly type: CelType
}
export type ExpressionWarning = { readonly fieldRef: string; readonly warning: string }

/** What is odd about the validations of a policy when its objects are of these types, in the words of Kubernetes. None of it keeps the policy from holding. */
export function typeWarnings(
  spec: Parameters<typeof compilePolicy>[0],
  objects: readonly Checked[],
  params: CelType | undefined,
): ExpressionWarning[] {
  const found = new Map<string, string>()
  const note = (fieldRef: string, { name }: Checked, expression: Expression | undefined) => {
    if (expression === undefined || expression.ok || !expression.why.startsWith(prefix)) return
    found.set(fieldRef, `${found.get(fieldRef) ?? ''}${name}: ${expression.why.slice(prefix.length)}\n`)
  }
  for (const object of objects) {
    const { validations } = compilePolicy(spec, { object: object.type, ...(params !== undefined && { params }) })
    for (const [i, { holds, message }] of validations.entries()) {
      note(`spec.validations[${i}].expression`, object, holds)
      note(`spec.validations[${i}].messageExpression`, object, message)
    }
  }
  return [...found].map(([fieldRef, warning]) => ({ fieldRef, warning }))
}

const prefix = 'compilation failed: '
