import { setOwn } from '../../json/own.ts'
import { type JsonSchema, memberSchema } from './json-schema.ts'
import { limits } from './limits.ts'
import { childPath } from './paths.ts'

/** How large a value may still become. */
export type Room = { parts: number; characters: number }

export const newRoom = (): Room => ({ parts: limits.filledParts, characters: limits.filledCharacters })

/** The defaults of a few lines of schema, in each of many items and within each other, are more than any memory has. */
export class TooManyDefaults extends Error {
  readonly path: string

  constructor(path: string) {
    super(
      `with the defaults of its schema it has more than ${limits.filledParts} parts, or ${limits.filledCharacters} characters of defaults: give it fewer items, or the schema smaller defaults`,
    )
    this.path = path
  }
}

/**
 * A copy of a value with what its schema fills in where nothing is given. A null where none may stand is nothing given; where one may
 * stand it is a value, and stays. Throws `TooManyDefaults`.
 */
export const withDefaults = (schema: JsonSchema | undefined, value: unknown, path = '', room: Room = newRoom()): unknown =>
  fill(schema, value, { path, room, isPreset: false })

type Spot = {
  readonly path: string
  readonly room: Room
  /** Within a default: what stands there was not sent by anybody, so its size counts. */
  readonly isPreset: boolean
}

function fill(schema: JsonSchema | undefined, value: unknown, spot: Spot): unknown {
  take(spot, 1, spot.isPreset && typeof value === 'string' ? value.length : 0)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = schema?.items
    return value.map((item, index) => {
      const isMissing = isNothing(items, item)
      const at = { ...spot, path: `${spot.path}[${index}]`, isPreset: spot.isPreset || isMissing }
      return fill(items, isMissing ? (presetOf(items) ?? null) : item, at)
    })
  }
  const filled: Record<string, unknown> = {}
  const put = (known: JsonSchema | undefined, name: string, member: unknown, isPreset: boolean): void => {
    if (member === undefined) return
    if (isPreset) take(spot, 0, name.length)
    setOwn(filled, name, fill(known, member, { ...spot, path: childPath(spot.path, name), isPreset }))
  }
  for (const [name, member] of Object.entries(value)) {
    const known = schema === undefined ? undefined : memberSchema(schema, name)
    const isMissing = isNothing(known, member)
    put(known, name, isMissing ? presetOf(known) : member, spot.isPreset || isMissing)
  }
  for (const [name, known] of schema === undefined ? [] : presetsOf(schema))
    if (!Object.hasOwn(filled, name)) put(known, name, presetOf(known), true)
  return filled
}

// A memo, not state: schemas never change. Of ten thousand members the one with a default is looked for once and not in each item.
const presets = new WeakMap<JsonSchema, readonly (readonly [string, JsonSchema])[]>()

function presetsOf(schema: JsonSchema) {
  let known = presets.get(schema)
  if (known === undefined) {
    known = Object.entries(schema.properties ?? {}).filter(([, member]) => presetOf(member) !== undefined)
    presets.set(schema, known)
  }
  return known
}

function take({ room, path }: Spot, parts: number, characters: number): void {
  room.parts -= parts
  room.characters -= characters
  if (room.parts < 0 || room.characters < 0) throw new TooManyDefaults(path)
}

const isNothing = (schema: JsonSchema | undefined, value: unknown): boolean =>
  value === undefined || (value === null && schema !== undefined && schema.nullable !== true)

/** A default of null is none, as in Kubernetes. */
const presetOf = (schema: JsonSchema | undefined): unknown => schema?.default ?? undefined
