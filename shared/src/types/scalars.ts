import { setOwn } from '../json/own.ts'
import * as z from 'zod'
import { parseQuantity, formatQuantity } from '../meta/quantity.ts'
import { canonicalMicroTime, canonicalTime } from '../meta/time.ts'

export const text = z.string()
export const bool = z.boolean()
export const int32 = z.int32().meta({ scalar: 'int32' })
/**
 * A number where that is exact, else a bigint (`exact-json.ts`): no digit is lost on the way through the hub. It is typed as a number,
 * because nearly all code only passes it on or compares it; who counts with one that a user wrote takes `Number` of it.
 */
export const int64 = z
  .union([
    z.int(),
    z
      .bigint()
      .min(-(2n ** 63n))
      .max(2n ** 63n - 1n),
  ])
  .meta({ scalar: 'int64' }) as unknown as z.ZodType<number>

/** What Go sends for a scalar that was left out of a field that is always written. */
export const textOrEmpty = z.string().default('')
export const boolOrFalse = z.boolean().default(false)
export const int32OrZero = int32.default(0)
export const int64OrZero = int64.default(0)

/** `True`, `False` or `Unknown` by agreement; Kubernetes takes whatever is said of a condition, and nobody finds another word there. */
export const conditionStatus = textOrEmpty as unknown as z.ZodDefault<z.ZodEnum<{ True: 'True'; False: 'False'; Unknown: 'Unknown' }>>

/** A number with a unit, kept in its canonical form: `0.5` is stored as `500m`. */
export const quantity = z
  .union([z.string(), z.number(), z.bigint()])
  .transform((value, context): string => {
    try {
      return formatQuantity(parseQuantity(String(value).trim()))
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message, params: { scalar: 'quantity' } }) // parseQuantity throws only Errors
      return z.NEVER
    }
  })
  .meta({ scalar: 'quantity' })

/** A port by number or name, a count or a percentage. */
export const intOrString = z.union([z.int32(), z.string()]).meta({ scalar: 'int-or-string' })

const timeOf = (canonical: (text: string) => string | undefined, scalar: 'time' | 'micro-time') =>
  z
    .string()
    .transform((value, context): string => {
      const time = canonical(value)
      if (time !== undefined) return time
      context.addIssue({
        code: 'custom',
        message: `parsing time ${JSON.stringify(value)}: expected RFC 3339, such as 2006-01-02T15:04:05Z`,
        params: { scalar },
      })
      return z.NEVER
    })
    .meta({ scalar })

/** RFC 3339 in UTC with whole seconds. */
export const time = timeOf(canonicalTime, 'time')
/** RFC 3339 in UTC with six decimals. */
export const microTime = timeOf(canonicalMicroTime, 'micro-time')

/** Bytes as base64 text, kept in its canonical form: line ends of `base64` are no part of what is stored. */
export const bytes = z
  .union([
    z
      .string()
      .refine(isBase64, { error: 'illegal base64 data', params: { scalar: 'bytes' } })
      .transform(canonicalBase64),
    // Go's other way to write bytes, where a null is a zero.
    z.array(z.int().min(0).max(255).nullable()).transform((list) => Buffer.from(list.map((byte) => byte ?? 0)).toString('base64')),
  ])
  .meta({ scalar: 'bytes' })

/** Any JSON value, kept as it is. */
export const any = z.unknown().meta({ scalar: 'any' })

/**
 * Any keys to values of one type. zod's own record loses a key `__proto__`, which is as good as any other in the data of a ConfigMap.
 * `values` is how `type-node.ts` sees into it.
 */
export function mapOf<V extends z.ZodType>(values: V): z.ZodType<Record<string, z.output<V>>> {
  const isText: boolean = (values as z.ZodType) === text
  const schema = z.transform((given: unknown, context) => {
    const map: Record<string, z.output<V>> = {}
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      context.addIssue({ code: 'invalid_type', expected: 'record', input: given })
      return z.NEVER
    }
    for (const [key, entry] of Object.entries(given)) {
      if (isText && typeof entry === 'string') {
        setOwn(map, key, entry as z.output<V>)
        continue
      }
      const parsed = values.safeParse(entry)
      if (parsed.success) setOwn(map, key, parsed.data)
      else for (const issue of parsed.error.issues) context.addIssue({ ...issue, path: [key, ...issue.path] } as z.core.$ZodRawIssue)
    }
    return map
  })
  return schema.meta({ values }) as unknown as z.ZodType<Record<string, z.output<V>>> // what the transform gives
}

export const stringMap = mapOf(text)
export const bytesMap = mapOf(bytes)
/** Several values by one name, as what is known of a user. */
export const textListMap = mapOf(z.array(text))
export const timeMap = mapOf(time)
/** Amounts by resource name: `{ cpu: '500m', memory: '64Mi' }`. */
export const resourceList = mapOf(quantity)

/** Checked by length and alphabet: decoding a megabyte only to throw it away would cost more than the rest of the parse. */
function isBase64(value: string): boolean {
  const compact = withoutLineEnds(value)
  return compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact)
}

/** Without line ends, and without bits that its last character has too many; only the end is decoded, as the rest has no second form. */
function canonicalBase64(value: string): string {
  const compact = withoutLineEnds(value)
  return compact.slice(0, -4) + Buffer.from(compact.slice(-4), 'base64').toString('base64')
}

const withoutLineEnds = (value: string): string => (/[\r\n]/.test(value) ? value.replace(/[\r\n]+/g, '') : value)
