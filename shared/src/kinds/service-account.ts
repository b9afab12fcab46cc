import * as z from 'zod'
import { defineKind } from '../schema/kind.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { localObjectReference, objectReference } from '../types/references.ts'
import { f, message, opt } from '../types/field.ts'
import { bool } from '../types/scalars.ts'

export const serviceAccount = message('ServiceAccount', {
  apiVersion: z.literal('v1'),
  kind: z.literal('ServiceAccount'),
  metadata: f(1, objectMeta),
  secrets: opt(2, z.array(objectReference), { list: 'map', keys: ['name'], patch: 'merge', key: 'name' }),
  imagePullSecrets: opt(3, z.array(localObjectReference), { list: 'atomic' }),
  automountServiceAccountToken: opt(4, bool, { ptr: true }),
})
export type ServiceAccount = z.infer<typeof serviceAccount>

export const serviceAccounts = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  schema: serviceAccount,
  subresources: { named: ['token'] },
  description: 'Who the pods of a namespace are when they talk to the API.',
  columns: [
    nameColumn,
    { name: 'Secrets', type: 'string', description: 'How many secrets it lists.', cell: ({ secrets }) => String((secrets ?? []).length) },
    ageColumn,
  ],
  prepareForCreate: keepNamesOfSecrets,
  prepareForUpdate: keepNamesOfSecrets,
})

/** They are in its namespace, and nothing else that is said of them is true for long. */
function keepNamesOfSecrets(account: ServiceAccount): void {
  if (account.secrets !== undefined) account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }))
}
