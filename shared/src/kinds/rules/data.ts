import { isSameJson } from '../../json/same-json.ts'
import { type FieldError, fieldForbidden, fieldInvalid } from '../../api/api-error.ts'
import { checkDataKey } from '../../meta/names.ts'
import { checked, fieldTooLong } from './field-errors.ts'

/** What one ConfigMap or Secret may carry: more does not belong into an API object. */
const limitBytes = 1024 * 1024

type Data = {
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
  readonly immutable?: boolean
}

export function validateConfigData({ data = {}, binaryData = {} }: Data): FieldError[] {
  const size = sum(data, Buffer.byteLength) + sum(binaryData, base64Size)
  return [
    ...Object.keys(data).flatMap((key) => [
      ...checked(`data[${key}]`, key, checkDataKey),
      ...(Object.hasOwn(binaryData, key) ? [fieldInvalid(`data[${key}]`, key, 'duplicate of key present in binaryData')] : []),
    ]),
    ...Object.keys(binaryData).flatMap((key) => checked(`binaryData[${key}]`, key, checkDataKey)),
    ...(size > limitBytes ? [fieldTooLong('[]', limitBytes)] : []),
  ]
}

export const validateSecretData = (data: Readonly<Record<string, string>> = {}): FieldError[] => [
  ...Object.keys(data).flatMap((key) => checked(`data[${key}]`, key, checkDataKey)),
  ...(sum(data, base64Size) > limitBytes ? [fieldTooLong('data', limitBytes)] : []),
]

/** Once declared immutable, an object stays so, with what it holds. */
export function validateImmutable(next: Data, previous: Data): FieldError[] {
  if (previous.immutable !== true) return []
  const why = 'field is immutable when `immutable` is set'
  return [
    ...(next.immutable === true ? [] : [fieldForbidden('immutable', why)]),
    ...(['data', 'binaryData'] as const)
      .filter((field) => !isSameJson(next[field] ?? {}, previous[field] ?? {}))
      .map((field) => fieldForbidden(field, why)),
  ]
}

const sum = (data: Readonly<Record<string, string>>, sizeOf: (text: string) => number) =>
  Object.values(data).reduce((total, text) => total + sizeOf(text), 0)

const base64Size = (text: string) => Math.floor((text.length * 3) / 4) - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)
