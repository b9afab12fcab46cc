import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { hasMoreParts, maxObjectParts } from '@bramble/shared/api/object-size.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import { annotationErrors, labelErrors } from '../objects/rules/object-meta-rules.ts'

export const reviewGroup = 'apiextensions.k8s.io'

/** The versions of a review that the hub speaks. */
export type ReviewVersion = 'v1' | 'v1beta1'

/** The first that the webhook knows and the hub too. */
export const reviewVersionOf = (versions: readonly string[]): ReviewVersion | undefined =>
  versions.find((version) => version === 'v1' || version === 'v1beta1') as ReviewVersion | undefined // it is one of them

export type Asked = {
  readonly version: ReviewVersion
  readonly uid: string
  readonly objects: readonly KubeObject[]
  /** What they are to become. */
  readonly apiVersion: string
}

/** The review as text, of the texts of its objects. */
export const reviewText = ({ version, uid, apiVersion }: Omit<Asked, 'objects'>, objects: readonly string[]): string =>
  `{"kind":"ConversionReview","apiVersion":"${reviewGroup}/${version}","request":{"uid":${JSON.stringify(uid)},"desiredAPIVersion":${JSON.stringify(apiVersion)},"objects":[${objects.join(',')}]}}`

/** Told without a reason and with 500, in Kubernetes' words. */
export class ConversionRefused extends ApiError {
  constructor(message: string, cause?: unknown) {
    super('Unknown', message, {}, { cause })
  }
}

/** What is wrong with an answer, or with one object of it. */
class BadAnswer extends Error {}

/** The objects of an answer, each with the metadata that it had, but for its labels and annotations. Throws `ConversionRefused`. */
export function convertedIn(answer: unknown, asked: Asked): readonly KubeObject[] {
  const about = aboutOf(asked)
  const objects = told(() => objectsIn(answer, asked), `${about} failed`)
  if (objects.length !== asked.objects.length)
    throw new ConversionRefused(`${about} returned ${objects.length} objects, expected ${asked.objects.length}`)
  const isOne = objects.length === 1
  return asked.objects.map((original, index) => {
    const what = isOne ? 'invalid object' : `invalid converted object at index ${index}`
    const converted = told(() => checkedObject(objects[index], original, asked.apiVersion), `${about} returned ${what}`)
    const where = isOne ? 'invalid metadata' : `invalid metadata in object at index ${index}`
    return told(() => restored(original, converted), `${about} returned ${where}`)
  })
}

function told<T>(check: () => T, about: string): T {
  try {
    return check()
  } catch (error) {
    if (error instanceof BadAnswer) throw new ConversionRefused(`${about}: ${error.message}`)
    throw error
  }
}

/** As all that is told of a conversion begins. */
export const aboutOf = ({ objects: [first] }: Pick<Asked, 'objects'>): string =>
  `conversion webhook for ${first?.apiVersion ?? ''}, Kind=${first?.kind ?? ''}`

function objectsIn(answer: unknown, { version, uid }: Asked): readonly unknown[] {
  const { apiVersion = '', kind = '', response } = isObject(answer) ? answer : {}
  // Answers in v1beta1 never had to say what they are answers to.
  if (version === 'v1') {
    const [group = '', of = ''] = partsOf(String(apiVersion))
    if (group !== reviewGroup || of !== 'v1' || kind !== 'ConversionReview')
      throw new BadAnswer(`expected webhook response of ${reviewGroup}/v1, Kind=ConversionReview, got ${group}/${of}, Kind=${String(kind)}`)
  }
  if (!isObject(response)) throw new BadAnswer('no response provided')
  const { uid: given = '', result, convertedObjects } = response
  if (version === 'v1' && given !== uid) throw new BadAnswer(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`)
  const { status = '', message = '' } = isObject(result) ? result : {}
  if (status !== 'Success')
    throw new BadAnswer(
      typeof message === 'string' && message !== '' ? message : `response.result.status was '${String(status)}', not 'Success'`,
    )
  return Array.isArray(convertedObjects) ? convertedObjects : []
}

const partsOf = (apiVersion: string): readonly string[] => (apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion])

type Members = Readonly<Record<string, unknown>>

/** It is the object that was sent, in the version that was asked for. */
function checkedObject(converted: unknown, original: KubeObject, apiVersion: string): Members {
  if (!isObject(converted)) throw new BadAnswer('it is no object')
  if (hasMoreParts(converted, maxObjectParts)) throw new BadAnswer(`it has more than ${maxObjectParts} parts`)
  const { apiVersion: got = '', kind = '', metadata } = converted
  if (got !== apiVersion) throw new BadAnswer(`invalid groupVersion (expected ${apiVersion}, received ${String(got)})`)
  if (kind !== original.kind) throw new BadAnswer(`invalid kind (expected ${original.kind}, received ${String(kind)})`)
  const given = isObject(metadata) ? metadata : {}
  for (const [field, what] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const [before = '', after = ''] = [original.metadata[field], given[field]]
    if (before !== after) throw new BadAnswer(`must have the same ${what}: ${before} != ${String(after)}`)
  }
  return converted
}

/** Which object it is, who owns it and who holds it is the same in all versions. */
function restored(original: KubeObject, converted: Members): KubeObject {
  const { metadata } = converted
  if (metadata === undefined) throw new BadAnswer('missing metadata in converted object')
  if (!isObject(metadata)) throw new BadAnswer(`invalid metadata of type ${goType(metadata)} in converted object`)
  const { labels: _labels, annotations: _annotations, ...kept } = original.metadata
  const labels = textsOf(metadata['labels'], 'labels')
  const annotations = textsOf(metadata['annotations'], 'annotations')
  const errors = [...labelErrors(labels ?? {}), ...annotationErrors(annotations ?? {})].map(({ field, message }) => `${field}: ${message}`)
  if (errors.length > 0) throw new BadAnswer(errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`)
  return {
    ...converted,
    metadata: { ...kept, ...(labels !== undefined && { labels }), ...(annotations !== undefined && { annotations }) },
  } as KubeObject // its kind and version were looked at
}

function textsOf(value: unknown, field: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw new BadAnswer(`invalid metadata.${field} of type ${goType(value)} in converted object`)
  for (const [key, text] of Object.entries(value))
    if (typeof text !== 'string')
      throw new BadAnswer(`metadata.${field}[${key}] must be a string, but is ${goType(text)} in converted object`)
  return value as Readonly<Record<string, string>> // just looked at
}

/** What Go reads a JSON value into. */
function goType(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    case 'bigint':
      return 'int64'
    default:
      return 'map[string]interface {}'
  }
}
