import * as z from 'zod'
import { defineKind } from '../schema/kind.ts'
import { immutable } from './rules/field-errors.ts'
import { validateImmutable, validateSecretData } from './rules/data.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { type FieldError, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { isObject } from '../json/is-object.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from '../types/field.ts'
import { bool, bytesMap, stringMap, text } from '../types/scalars.ts'

export const secret = message('Secret', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata: f(1, objectMeta),
  immutable: opt(5, bool, { description: 'Whether the entries can never change.', ptr: true }),
  data: opt(2, bytesMap, { description: 'The entries, as base64.' }),
  stringData: opt(4, stringMap, { description: 'Entries as plain text; stored in data, never shown.' }),
  type: f(3, text.default('Opaque'), { description: 'What the entries are for.' }),
})
export type Secret = z.infer<typeof secret>

export const secrets = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  resource: 'secrets',
  singular: 'secret',
  namespaced: true,
  schema: secret,
  description: 'Passwords, keys and certificates for pods. Values are base64; they are encrypted where they are stored.',
  encrypted: true,
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', description: 'What its entries are for.', cell: ({ type }) => type },
    { name: 'Data', type: 'integer', description: 'How many entries it has.', cell: ({ data }) => Object.keys(data ?? {}).length },
    ageColumn,
  ],
  selectableFields: { type: ({ type }) => type },
  setDefaults(object) {
    if (object.type === '') object.type = 'Opaque'
    const { stringData } = object
    if (stringData === undefined) return
    // Written for people, never stored: it wins over `data`.
    const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
    object.data = { ...object.data, ...Object.fromEntries(encoded) }
    delete object.stringData
  },
  validate: (object) => [...validateSecretData(object.data), ...validateTyped(object)],
  validateUpdate: (next, previous) => [
    ...(next.type === previous.type ? [] : [immutable('type', next.type)]),
    ...validateImmutable(next, previous),
  ],
})

/** The entries without which a secret of its type is of no use. */
function validateTyped({ type, data = {}, metadata }: Secret): FieldError[] {
  const missing = (...keys: string[]) => keys.filter((key) => data[key] === undefined).map((key) => fieldRequired(`data[${key}]`))
  switch (type) {
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key')
    case 'kubernetes.io/ssh-auth':
      return (data['ssh-privatekey'] ?? '') === '' ? [fieldRequired('data[ssh-privatekey]')] : []
    case 'kubernetes.io/basic-auth':
      return data['username'] === undefined && data['password'] === undefined ? missing('username', 'password') : []
    case 'kubernetes.io/dockerconfigjson':
      return validateJson('.dockerconfigjson', data)
    case 'kubernetes.io/dockercfg':
      return validateJson('.dockercfg', data)
    case 'kubernetes.io/service-account-token':
      return (metadata.annotations?.['kubernetes.io/service-account.name'] ?? '') === ''
        ? [fieldRequired('metadata.annotations[kubernetes.io/service-account.name]')]
        : []
    default:
      return []
  }
}

function validateJson(key: string, data: Readonly<Record<string, string>>): FieldError[] {
  const encoded = data[key]
  if (encoded === undefined) return [fieldRequired(`data[${key}]`)]
  try {
    const settings: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString())
    if (settings === null || isObject(settings)) return []
  } catch {
    // The parser's own message would quote the secret.
  }
  return [fieldInvalid(`data[${key}]`, '<secret contents redacted>', 'is not valid JSON of an object')]
}
