import type * as z from 'zod'
import {
  type ApiError,
  badRequest,
  type FieldError,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  invalid,
  type Named,
} from '../api/api-error.ts'
import { goPlace } from './go-place.ts'
import type { TypeNode } from './type-node.ts'

type InVersion = { readonly kind: string; readonly version: string }

/** 400 in the words of Kubernetes, which do not tell the group. */
export const cannotBeHandled = ({ kind, version }: InVersion, why: string) =>
  `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`

/**
 * A value of the wrong JSON type is a body that cannot be read (400); a readable value that is not allowed is invalid (422).
 * That is how Kubernetes tells them apart.
 */
export function schemaError({ kind, node, value, error }: Misfit): ApiError {
  const problemOf = (issue: Issue) => {
    const flat = mostTelling(issue)
    return { issue: flat, found: valueAt(value, flat.path) }
  }
  let unreadable: ReturnType<typeof problemOf> | undefined
  for (const issue of error.issues) {
    const problem = problemOf(issue)
    if (problem.found === undefined || !isWrongType(problem.issue, problem.found)) continue
    unreadable = problem
    break
  }
  if (unreadable !== undefined) {
    const { issue, found } = unreadable
    const why = `json: cannot unmarshal ${foundText(issue, found)} into ${goPlace(node, issue.path)}${ownWords(issue)}`
    return badRequest(cannotBeHandled(kind, why))
  }
  const name = valueAt(value, ['metadata', 'name'])
  return invalid(kind, typeof name === 'string' ? name : '', schemaFieldErrors(value, error))
}

/** For reading what comes from outside: of a word that is none of a choice zod need not say what is said here, for each of thousands. */
export const saidHere: z.core.ParseContext<Issue> = { error: ({ code }) => (code === 'invalid_value' ? '' : undefined) }

/** What a schema refuses of a value whose types are right. */
export const schemaFieldErrors = (value: unknown, error: z.ZodError): FieldError[] =>
  error.issues.map((issue) => {
    const flat = mostTelling(issue)
    return fieldError(flat, valueAt(value, flat.path))
  })

type Misfit = { readonly kind: Named & InVersion; readonly node: TypeNode; readonly value: unknown; readonly error: z.ZodError }

type Issue = z.core.$ZodIssue

/** Of a union the alternative that came furthest tells most. */
export function mostTelling(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue
  const deepest = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0]
  return deepest === undefined ? issue : { ...mostTelling(deepest), path: [...issue.path, ...deepest.path] }
}

/** Whether Go could not even read it: another JSON type, a number that its integer does not hold, a text that is no time or no quantity. */
const isWrongType = (issue: Issue, found: unknown): boolean =>
  issue.code === 'invalid_type' ||
  issue.code === 'invalid_union' ||
  (issue.code === 'invalid_value' && typeof found !== 'string') ||
  ((issue.code === 'too_big' || issue.code === 'too_small') && (typeof found === 'number' || typeof found === 'bigint')) ||
  (issue.code === 'custom' && typeof issue.params === 'object' && 'scalar' in issue.params)

function fieldError(issue: Issue, found: unknown): FieldError {
  const field = pathText(issue.path)
  if (found === undefined) return fieldRequired(field)
  if (issue.code === 'invalid_value') return fieldNotSupported(field, found, issue.values)
  return fieldInvalid(field, found, issue.message)
}

/** `spec.containers[0].image` */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`)).join('')

export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, part) => (typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined),
    value,
  )

/** What a text should have been. Kubernetes tells nothing else then, but this is to be found by its field. */
const ownWords = (issue: Issue): string => (issue.code === 'custom' ? `: ${pathText(issue.path)}: ${issue.message}` : '')

/** A number is told where it is the number that does not fit. */
const foundText = ({ code }: Issue, found: unknown): string =>
  code === 'too_big' || code === 'too_small' ? `number ${String(found)}` : jsonTypeOf(found)

const jsonTypeOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'bigint') return 'number'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
