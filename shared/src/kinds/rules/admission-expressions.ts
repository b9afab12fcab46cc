import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import { compileFor, type Wanted } from '../../cel/admission/compile.ts'
import type { Environment } from '../../cel/admission/environment.ts'

/** What is wrong with an expression of a policy or of a webhook, in the words of Kubernetes. */
export function expressionErrors(field: string, source: string, environment: Environment, wanted: Wanted): FieldError[] {
  const compiled = compileFor(source, environment, wanted)
  return compiled.ok ? [] : [fieldInvalid(field, source, compiled.why)]
}
