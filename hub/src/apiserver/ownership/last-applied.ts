import { exactJson, parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import { compare } from './compare.ts'
import { configuredFields } from './fields-of.ts'
import { difference, type FieldSet, union } from './field-set.ts'
import { typeProblem } from './typed.ts'

/** Where kubectl notes what it has applied, for itself to compare with. */
const annotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** All annotations together. */
const maxAnnotationBytes = 256 * 1024

type Annotated = { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } }

const notedIn = (object: object): string | undefined => (object as Annotated).metadata?.annotations?.[annotation] // an object of the API

/** The fields that kubectl applied in the client and that still are as it applied them; undefined: it has not, or nobody can read it. */
export function lastAppliedFields(node: TypeNode | undefined, live: object | undefined, apiVersion: string): FieldSet | undefined {
  const text = live === undefined ? undefined : notedIn(live)
  if (text === undefined || text === '' || node === undefined) return undefined
  const noted = parsed(text)
  if (noted === undefined || noted['apiVersion'] !== apiVersion || typeProblem(node, noted) !== undefined) return undefined
  const { added, removed, modified } = compare(node, noted, live)
  return difference(configuredFields(node, noted), union(union(added, removed), modified))
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseExactJson(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** An object with the note of what kubectl applies now, if it has one: who applies in the client next must not undo it. */
export function withLastApplied<T extends object>(object: T, config: object): T {
  if (notedIn(object) === undefined) return object
  const { metadata = {}, ...rest } = config as Annotated & { readonly metadata?: object }
  const { [annotation]: _old, ...annotations } = (metadata as { annotations?: Record<string, string> }).annotations ?? {}
  const { annotations: _given, ...plain } = metadata as { annotations?: unknown }
  const note = `${exactJson({ ...rest, metadata: { ...plain, ...(Object.keys(annotations).length > 0 && { annotations }) } })}\n`
  const { metadata: seen } = object as Annotated
  const { [annotation]: _noted, ...others } = seen?.annotations ?? {}
  const bytes = Object.entries(others).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
  const fits = bytes + annotation.length + Buffer.byteLength(note) <= maxAnnotationBytes
  return { ...object, metadata: { ...seen, annotations: { ...others, ...(fits && { [annotation]: note }) } } }
}
