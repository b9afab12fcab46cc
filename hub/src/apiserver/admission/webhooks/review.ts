import { isObject } from '@bramble/shared/json/is-object.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { Question } from '../matching/question.ts'
import { requestOf } from '../matching/request.ts'
import type { View } from '../matching/scene.ts'

const group = 'admission.k8s.io'

/** The versions of a review that the hub speaks. */
export type ReviewVersion = 'v1' | 'v1beta1'

/** The first that the webhook knows and the hub too. */
export const reviewVersionOf = (versions: readonly string[]): ReviewVersion | undefined =>
  versions.find((version) => version === 'v1' || version === 'v1beta1') as ReviewVersion | undefined // it is one of them

export type Asked = { readonly version: ReviewVersion; readonly uid: string; readonly isMutating: boolean }

export function reviewText({ version, uid }: Asked, question: Question, { version: of, object, oldObject }: View): string {
  const request = { uid, ...requestOf(question, of), object: object ?? null, oldObject: oldObject ?? null }
  return exactJson({ kind: 'AdmissionReview', apiVersion: `${group}/${version}`, request })
}

export type Verdict = {
  readonly allowed: boolean
  /** A JSON patch, as text. */
  readonly patch: string
  readonly status: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
}

/** An answer that is none. */
export class BadAnswer extends Error {}

/** What a webhook answers to a review. Throws `BadAnswer`, in Kubernetes' words. */
export function verdictOf(answer: unknown, { version, uid, isMutating }: Asked): Verdict {
  const { apiVersion = '', kind = '', response } = isObject(answer) ? answer : {}
  if (!isObject(response)) throw new BadAnswer('webhook response was absent')
  const { allowed, patch: given, patchType, status, warnings, auditAnnotations } = response
  // Answers in v1beta1 never had to say what they are answers to.
  if (version === 'v1') {
    if ((response['uid'] ?? '') !== uid)
      throw new BadAnswer(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`)
    if (apiVersion !== `${group}/v1` || kind !== 'AdmissionReview')
      throw new BadAnswer(`expected webhook response of ${group}/v1, Kind=AdmissionReview, got ${typeText(apiVersion)}, Kind=${text(kind)}`)
  }
  const patch = text(given)
  if (isMutating) checkPatch(patch, version === 'v1' ? patchType : patch === '' ? undefined : 'JSONPatch')
  else if (version === 'v1') {
    if (patch !== '') throw new BadAnswer('validating webhook may not return response.patch')
    if (patchType !== undefined && patchType !== null) throw new BadAnswer('validating webhook may not return response.patchType')
  }
  return {
    allowed: allowed === true,
    patch: isMutating ? Buffer.from(patch, 'base64').toString() : '',
    status: isObject(status) ? status : {},
    warnings: Array.isArray(warnings) ? warnings.filter((each) => typeof each === 'string') : [],
    annotations: isObject(auditAnnotations) ? textsOf(auditAnnotations) : {},
  }
}

function checkPatch(patch: string, type: unknown): void {
  const isTyped = type !== undefined && type !== null
  if (patch !== '' && !isTyped) throw new BadAnswer('webhook returned response.patch but not response.patchType')
  if (patch === '' && isTyped) throw new BadAnswer('webhook returned response.patchType but not response.patch')
  if (patch !== '' && type === '') throw new BadAnswer('webhook returned invalid response.patchType of ""')
  if (isTyped && type !== 'JSONPatch') throw new BadAnswer(`unsupported patch type ${JSON.stringify(type)}`)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const typeText = (apiVersion: unknown): string => (text(apiVersion).includes('/') ? text(apiVersion) : `/${text(apiVersion)}`)

const textsOf = (members: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(members).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])))
