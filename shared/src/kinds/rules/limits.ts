import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkQualifiedName } from '../../meta/names.ts'
import { compareQuantities, parseQuantity } from '../../meta/quantity.ts'
import type { LimitRangeItem } from '../../types/limit-range-item.ts'
import { checked } from './field-errors.ts'

/** What is said of one bound counts for the others of which nothing is said. */
export function setLimitDefaults(limits: readonly LimitRangeItem[]): void {
  for (const item of limits) {
    if (item.type !== 'Container') continue
    const given = { ...item.max, ...item.default }
    if (Object.keys(given).length > 0) item.default = given
    const asked = { ...item.min, ...given, ...item.defaultRequest }
    if (Object.keys(asked).length > 0) item.defaultRequest = asked
  }
}

const types = ['Container', 'PersistentVolumeClaim', 'Pod']

export const validateLimits = (limits: readonly LimitRangeItem[], field: string): FieldError[] =>
  limits.flatMap((item, i) => {
    const at = `${field}[${i}]`
    const { type, min = {}, max = {} } = item
    const isRepeated = limits.findIndex((other) => other.type === type) < i
    const names = new Set(bounds.flatMap((bound) => Object.keys(item[bound] ?? {})))
    return [
      ...validateType(type, `${at}.type`),
      ...(isRepeated ? [fieldDuplicate(`${at}.type`, type)] : []),
      ...validateNames(item, at),
      ...(type === 'PersistentVolumeClaim' && min['storage'] === undefined && max['storage'] === undefined
        ? [fieldRequired(`${at}.limits`, 'either minimum or maximum storage value is required, but neither was provided')]
        : []),
      ...[...names].flatMap((name) => validateBounds(item, name, at)),
    ]
  })

function validateType(type: string, field: string): FieldError[] {
  const errors = checked(field, type, checkQualifiedName)
  if (errors.length === 0 && !type.includes('/') && !types.includes(type))
    errors.push(fieldInvalid(field, type, 'must be a standard limit type or fully qualified'))
  return errors
}

const bounds = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

function validateNames(item: LimitRangeItem, field: string): FieldError[] {
  return bounds.flatMap((bound) => {
    const amounts = item[bound] ?? {}
    if (item.type === 'Pod' && (bound === 'default' || bound === 'defaultRequest'))
      return Object.keys(amounts).length > 0 ? [fieldForbidden(`${field}.${bound}`, "may not be specified when `type` is 'Pod'")] : []
    return Object.keys(amounts).flatMap((name) => validateName(item.type, name, `${field}.${bound}[${name}]`))
  })
}

function validateName(type: string, name: string, field: string): FieldError[] {
  const errors = checked(field, name, checkQualifiedName)
  if (errors.length > 0 || name.includes('/')) return errors
  const standard = type === 'PersistentVolumeClaim' ? ['storage'] : ['cpu', 'memory', 'ephemeral-storage']
  if (standard.includes(name) || name.startsWith('hugepages-')) return []
  const isContainer = type === 'Container' || type === 'Pod'
  return [
    fieldInvalid(
      field,
      name,
      isContainer ? 'must be a standard resource for containers' : 'must be a standard resource type or fully qualified',
    ),
  ]
}

type Bound = (typeof bounds)[number]

/** In this order: none is greater than the next one named. `shown` is whose value is told. */
const orders: readonly {
  readonly less: Bound
  readonly more: Bound
  readonly at: Bound
  readonly shown: Bound
  readonly words: readonly [string, string]
}[] = [
  { less: 'min', more: 'max', at: 'min', shown: 'min', words: ['min value', 'max value'] },
  { less: 'min', more: 'defaultRequest', at: 'defaultRequest', shown: 'defaultRequest', words: ['min value', 'default request value'] },
  { less: 'defaultRequest', more: 'max', at: 'defaultRequest', shown: 'defaultRequest', words: ['default request value', 'max value'] },
  {
    less: 'defaultRequest',
    more: 'default',
    at: 'defaultRequest',
    shown: 'defaultRequest',
    words: ['default request value', 'default limit value'],
  },
  { less: 'min', more: 'default', at: 'default', shown: 'min', words: ['min value', 'default value'] },
  { less: 'default', more: 'max', at: 'default', shown: 'max', words: ['default value', 'max value'] },
]

function validateBounds(item: LimitRangeItem, name: string, field: string): FieldError[] {
  const of = (bound: Bound) => (Object.hasOwn(item[bound] ?? {}, name) ? item[bound]?.[name] : undefined)
  return [
    ...orders.flatMap(({ less, more, at, shown, words: [a, b] }) => {
      const [low, high] = [of(less), of(more)]
      if (low === undefined || high === undefined || compareQuantities(parseQuantity(low), parseQuantity(high)) <= 0) return []
      return [fieldInvalid(`${field}.${at}[${name}]`, of(shown), `${a} ${low} is greater than ${b} ${high}`)]
    }),
    ...validateRatio(of, name, field),
  ]
}

function validateRatio(of: (bound: Bound) => string | undefined, name: string, field: string): FieldError[] {
  const [ratio, min, max] = [of('maxLimitRequestRatio'), of('min'), of('max')]
  if (ratio === undefined) return []
  const at = `${field}.maxLimitRequestRatio[${name}]`
  const nano = (text: string) => Number(parseQuantity(text).nano)
  const widest = min === undefined || max === undefined ? Number.POSITIVE_INFINITY : nano(max) / nano(min)
  return [
    ...(nano(ratio) < 1e9 ? [fieldInvalid(at, ratio, `ratio ${ratio} is less than 1`)] : []),
    ...(nano(ratio) / 1e9 > widest ? [fieldInvalid(at, ratio, `ratio ${ratio} is greater than max/min = ${widest.toFixed(6)}`)] : []),
  ]
}
