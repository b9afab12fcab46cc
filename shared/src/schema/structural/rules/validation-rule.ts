import * as z from 'zod'

/** For which a rule may refuse. */
export const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'] as const

/** One of `x-kubernetes-validations`: what must be true of the values of a schema, in CEL. */
export type ValidationRule = {
  readonly rule: string
  readonly message?: string | undefined
  readonly messageExpression?: string | undefined
  /** One of `reasons`. */
  readonly reason?: string | undefined
  readonly fieldPath?: string | undefined
  readonly optionalOldSelf?: boolean | undefined
}

export const validationRule: z.ZodType<ValidationRule> = z.strictObject({
  rule: z.string().default(''),
  message: z.string().optional(),
  messageExpression: z.string().optional(),
  reason: z.string().optional(),
  fieldPath: z.string().optional(),
  optionalOldSelf: z.boolean().optional(),
})
