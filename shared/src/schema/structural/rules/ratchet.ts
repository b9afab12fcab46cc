import { isSameJson } from '../../../json/same-json.ts'
import type { JsonSchema } from '../json-schema.ts'

/**
 * Whether a part of an object is what it was before an update, so that it may stay as it is. Of a part which cannot be told from others
 * (an item of a list without keys) it counts whether the nearest part above is what it was. Each is compared once.
 */
export type Ratchet = {
  readonly isSame: () => boolean
  readonly isKnown: boolean
  readonly above: Ratchet | undefined
}

/** Of an object that is new. */
export const notCompared: Ratchet = { isSame: () => false, isKnown: false, above: undefined }

export function compared(now: unknown, before: unknown, above?: Ratchet): Ratchet {
  let known: boolean | undefined
  return { isSame: () => (known ??= isSameJson(now, before)), isKnown: true, above }
}

/** Of a member of an object. */
export function memberOf(of: Ratchet, schema: JsonSchema, now: unknown, before: unknown): Ratchet {
  if (!of.isKnown) return of
  return schema['x-kubernetes-map-type'] === 'atomic' ? unknownIn(of) : compared(now, before, of)
}

/** Of an item of a list; `before` is there only if it is known which one it was. */
export function itemOf(of: Ratchet, now: unknown, before: unknown): Ratchet {
  if (!of.isKnown) return of
  return before === undefined ? unknownIn(of) : compared(now, before, of)
}

/** Of what `allOf` says beside. */
export const beside = ({ above }: Ratchet): Ratchet => (above === undefined ? notCompared : unknownIn(above))

const unknownIn = (above: Ratchet): Ratchet => ({ isSame: above.isSame, isKnown: false, above })
