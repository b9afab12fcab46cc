import type { Budget } from './budget.ts'
import { setOwn } from '../json/own.ts'
import { showDuration, showTimestamp } from './library/time-texts.ts'
import { CelList, CelMap, Duration, Fault, Optional, Timestamp, typeNameOf, Uint, type Value } from './values.ts'

/** Why there is no JSON of a value. */
export class NoJson extends Error {}

export type JsonOptions = {
  /** An expression may put a value into itself over and over: what comes of it is paid for by the part. */
  readonly budget: Budget
  /** What messages must be called by where they stand: the name of the outermost. Undefined: they are not looked at. */
  readonly root: string | undefined
}

/** As deep as a body may be, for the code that recurses over it. */
const deepest = 200
/** As many as anybody reads. */
const mostMismatches = 20

/** The JSON of a value, as of the object or of a part of it. Throws `NoJson`, or what the budget throws. */
export function jsonOf(value: Value, { budget, root }: JsonOptions): unknown {
  const mismatches: string[] = []
  const json = jsonAt(value, { budget, mismatches }, root, 0)
  if (mismatches.length > 0) throw new NoJson(`type mismatch: ${mismatches.join('\n')}`)
  return json
}

type Making = { readonly budget: Budget; readonly mismatches: string[] }

function jsonAt(value: Value, making: Making, path: string | undefined, depth: number): unknown {
  const { budget } = making
  budget.pay(1)
  if (depth > deepest) throw new NoJson(`what the expression makes is nested deeper than ${deepest} levels`)
  if (typeof value === 'string') {
    budget.payForText(value.length)
    return value
  }
  if (typeof value === 'bigint') return integer(value)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NoJson(`JSON has no number ${value}`)
    return value
  }
  if (value instanceof Uint) return integer(value.value)
  if (value instanceof CelList) {
    const items: unknown[] = []
    for (let index = 0; index < value.size; index++) items.push(jsonAt(value.at(index), making, path, depth + 1))
    return items
  }
  if (value instanceof CelMap) return members(value, making, path, depth)
  if (value instanceof Uint8Array) {
    budget.payForText(value.length)
    return Buffer.from(value).toString('base64')
  }
  if (value instanceof Optional) return value.value === undefined ? null : jsonAt(value.value, making, path, depth + 1)
  if (value instanceof Timestamp) return showTimestamp(value)
  if (value instanceof Duration) return showDuration(value)
  if (value instanceof Fault) throw new NoJson(value.message)
  throw new NoJson(`a value of type ${typeNameOf(value)} is no JSON`)
}

function members(value: CelMap, making: Making, path: string | undefined, depth: number): unknown {
  const { message } = value
  if (message !== undefined && path !== undefined && message !== path && making.mismatches.length < mostMismatches)
    making.mismatches.push(
      `unexpected type name ${JSON.stringify(message)}, expected ${JSON.stringify(path)}, which matches field name path from root Object type`,
    )
  const made: Record<string, unknown> = {}
  for (const key of value.keys()) {
    if (typeof key !== 'string') throw new NoJson(`map key ${JSON.stringify(keyText(key))} is of type ${typeNameOf(key)}, not string`)
    making.budget.payForText(key.length)
    const inner = message === undefined || path === undefined ? path : `${path}.${key}`
    setOwn(made, key, jsonAt(value.get(key) ?? null, making, inner, depth + 1))
  }
  return made
}

const keyText = (key: Value): string => String(key instanceof Uint ? key.value : key)

const integer = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
